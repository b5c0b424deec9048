from course import Course


def course(seats, names):
    course = Course(seats)
    for name in names:
        course.join(name)
    return course


def test_several_leave_at_once():
    full = course(3, "abcdef")
    assert full.leave("a", "c") == ["d", "e"]
    assert full.members == ["b", "d", "e"]
    assert full.waiting == ["f"]


def test_all_leave():
    full = course(2, "abc")
    assert full.leave("a", "b") == ["c"]
    assert full.members == ["c"]
    assert full.waiting == []


def test_member_and_waiting_leave_together():
    full = course(1, "abc")
    assert full.leave("a", "b") == ["c"]
    assert full.members == ["c"]


def test_stranger_leaves():
    full = course(1, "ab")
    assert full.leave("z") == []
    assert full.leave() == []
    assert (full.members, full.waiting) == (["a"], ["b"])


def test_moving_up_again_and_again():
    full = course(1, "abcd")
    assert [full.leave(name) for name in "abcd"] == [["b"], ["c"], ["d"], []]
