from groups import Groups


def joined(people, *pairs):
    groups = Groups(people)
    answers = [groups.befriend(*pair) for pair in pairs]
    return groups, answers


def test_circle():
    groups, answers = joined("abcd", "ab", "bc", "cd", "da")
    assert answers == [True, True, True, False]
    assert groups.count == 1
    assert groups.size_of("c") == 4


def test_with_oneself():
    groups, answers = joined("ab", "aa")
    assert answers == [False]
    assert groups.count == 2
    assert groups.size_of("a") == 1


def test_sizes():
    groups, _ = joined("abcdef", "ab", "ab", "cd", "ce", "de")
    assert [groups.size_of(person) for person in "abcdef"] == [2, 2, 3, 3, 3, 1]
    assert groups.count == 3


def test_two_groups_become_one():
    groups, answers = joined("abcd", "ab", "cd", "bd", "ac")
    assert answers == [True, True, True, False]
    assert groups.together("a", "d")
    assert groups.size_of("a") == 4


def test_empty():
    assert Groups([]).count == 0
