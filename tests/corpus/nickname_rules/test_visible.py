from nickname import is_valid, problems


def test_plain_name():
    assert is_valid("lena_87")


def test_blank_inside():
    assert problems("le na") == ["characters"]


def test_too_short():
    assert problems("ab") == ["length"]


def test_reserved():
    assert problems("Root") == ["reserved"]


def test_sign_in_front():
    assert problems("-lena") == ["first character"]
