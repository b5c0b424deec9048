import pytest
from rooms import Meeting, Room, assign


def test_touching_is_not_overlapping_either_way():
    early, late = Meeting("a", 0, 10), Meeting("b", 10, 20)
    assert not early.overlaps(late)
    assert not late.overlaps(early)


def test_overlap_is_symmetric():
    a, b = Meeting("a", 0, 11), Meeting("b", 10, 20)
    assert a.overlaps(b) and b.overlaps(a)
    inner = Meeting("c", 12, 13)
    assert inner.overlaps(b) and b.overlaps(inner)
    assert a.overlaps(a)


def test_one_minute_apart():
    a, b = Meeting("a", 0, 9), Meeting("b", 10, 20)
    assert not a.overlaps(b) and not b.overlaps(a)


def test_a_full_day_fits_one_room():
    day = [Meeting(str(hour), hour * 60, hour * 60 + 60) for hour in range(8, 17)]
    assert set(assign(day, ["red"]).values()) == {"red"}


def test_no_room_left():
    plan = assign([Meeting("a", 0, 5), Meeting("b", 4, 6), Meeting("c", 5, 6)], ["red"])
    assert plan == {"a": "red", "b": None, "c": "red"}


def test_same_start_is_refused():
    room = Room("red")
    room.book(Meeting("x", 5, 6))
    with pytest.raises(ValueError):
        room.book(Meeting("y", 5, 9))
