import pytest
from plates import by_district, is_plate, parse


def test_trailing_text():
    for text in ("HH-AB 123 ", "HH-AB 123x", "HH-AB 1-2", "HH-AB 123\n", "B-A 1.5"):
        assert not is_plate(text)


def test_leading_text():
    assert not is_plate(" HH-AB 123")
    assert not is_plate("XHHH-AB 123")


def test_valid():
    for text in ("B-A 1", "HH-AB 1234", "M-XY 10", "LÖ-B 999"):
        assert is_plate(text)


def test_missing_parts():
    for text in ("", "HH", "HH-AB", "HH-AB ", "HH-ABC 1", "HHHH-A 1", "-A 1"):
        assert not is_plate(text)


def test_errors():
    with pytest.raises(ValueError):
        parse("B-A 12345")
    assert parse("B-A 9999") == ("B", "A", 9999)


def test_groups():
    assert by_district(["M-A 1", "B-A 10000", "B-A 1", "M-A 1 "]) == {"B": ["B-A 1"], "M": ["M-A 1"]}
