from course import Course


def course(seats, *names):
    course = Course(seats)
    for name in names:
        course.join(name)
    return course


def test_join():
    assert Course(1).join("ann") == "member"
    assert course(1, "ann").join("bob") == "waiting"


def test_next_one_moves_up():
    full = course(2, "ann", "bob", "cy", "di")
    assert full.leave("ann") == ["cy"]
    assert full.members == ["bob", "cy"]


def test_nobody_is_waiting():
    half = course(3, "ann", "bob")
    assert half.leave("ann") == []
    assert half.members == ["bob"]


def test_leave_the_waiting_list():
    full = course(1, "ann", "bob", "cy")
    assert full.leave("bob") == []
    assert full.waiting == ["cy"]
