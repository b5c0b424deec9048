import pytest
from keyvalue import load, parse


def test_two_settings():
    assert parse("host = here\nport=80") == {"host": "here", "port": "80"}


def test_blank_lines_and_comments():
    assert parse("a = 1\n\n# second\nb = 2\n") == {"a": "1", "b": "2"}


def test_line_without_sign():
    with pytest.raises(ValueError):
        parse("nonsense")


def test_missing_file(tmp_path):
    assert load(tmp_path / "none.cfg") == {}
