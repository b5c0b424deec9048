from nickname import is_valid, problems


def test_one_bad_character_anywhere():
    assert problems("!lena") == ["characters"]
    assert problems("lena!") == ["characters"]
    assert problems("l!ena") == ["characters"]
    assert problems("!!!!") == ["characters"]


def test_several_problems():
    assert problems("a") == ["length"]
    assert problems("_ ") == ["length", "characters", "first character"]
    assert problems("much too long a name") == ["length", "characters"]


def test_empty_name():
    assert problems("") == ["length"]


def test_signs_are_fine_inside():
    assert is_valid("a.b-c_d")
    assert is_valid("a..")
    assert not is_valid("...a")


def test_bounds():
    assert is_valid("abc") and is_valid("a" * 12)
    assert problems("a" * 13) == ["length"]
