from releases import changelog, is_upgrade, newest


def test_upgrades_with_more_digits():
    assert is_upgrade("9.0", "10.0")
    assert not is_upgrade("10.0", "9.0")
    assert is_upgrade("1.2.9", "1.2.10")
    assert not is_upgrade("1.100", "1.99")


def test_equal_versions():
    assert not is_upgrade("1.2", "1.2")
    assert not is_upgrade("1.02", "1.2")
    assert not is_upgrade("v1.2", "1.2")


def test_mixed_spelling():
    assert newest(["v1.9", "1.10", "v0.20"]) == "1.10"
    assert newest(["v2", "v10"]) == "v10"


def test_changelog():
    notes = {"1.9": "a", "1.10": "b", "1.11": "c", "1.1": "d"}
    assert changelog(notes) == ["1.11: c", "1.10: b", "1.9: a", "1.1: d"]
    assert changelog({}) == []
