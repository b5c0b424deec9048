from groups import Groups


def test_alone():
    groups = Groups("abc")
    assert groups.count == 3
    assert groups.size_of("a") == 1


def test_befriend():
    groups = Groups("abc")
    assert groups.befriend("a", "b")
    assert groups.together("a", "b")
    assert groups.count == 2


def test_befriend_again():
    groups = Groups("abc")
    groups.befriend("a", "b")
    assert not groups.befriend("b", "a")
    assert groups.count == 2


def test_strangers():
    groups = Groups("abcd")
    groups.befriend("a", "b")
    assert not groups.together("a", "c")
