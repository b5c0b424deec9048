import pytest
from modes import to_digits, to_letters


def test_all_modes():
    for mode in range(0o1000):
        text = f"{mode:03o}"
        assert to_digits(to_letters(text)) == text


def test_single_bits():
    assert to_letters("400") == "r--------"
    assert to_letters("020") == "----w----"
    assert to_letters("001") == "--------x"
    assert to_letters("777") == "rwxrwxrwx"


def test_short_text():
    assert to_letters("7") == "------rwx"
    assert to_letters("10") == "-----x---"


def test_bad_digits():
    for mode in ("648", "rw-", ""):
        with pytest.raises(ValueError):
            to_letters(mode)
