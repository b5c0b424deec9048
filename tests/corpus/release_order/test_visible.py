from releases import changelog, is_upgrade, newest


def test_newest_of_single_digits():
    assert newest(["1.2", "1.4", "1.3"]) == "1.4"


def test_newest_with_two_digits():
    assert newest(["1.9", "1.10", "1.2"]) == "1.10"


def test_no_versions():
    assert newest([]) is None


def test_patch_is_an_upgrade():
    assert is_upgrade("2.0", "2.0.1")


def test_changelog():
    assert changelog({"0.1": "start", "0.2": "more"}) == ["0.2: more", "0.1: start"]
