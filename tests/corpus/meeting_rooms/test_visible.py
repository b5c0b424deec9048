import pytest
from rooms import Meeting, Room, assign


def test_overlapping_meetings_need_two_rooms():
    plan = assign([Meeting("plan", 540, 600), Meeting("review", 570, 630)], ["red", "blue"])
    assert plan == {"plan": "red", "review": "blue"}


def test_distant_meetings_share_a_room():
    plan = assign([Meeting("plan", 540, 600), Meeting("review", 700, 730)], ["red", "blue"])
    assert plan == {"plan": "red", "review": "red"}


def test_earlier_meeting_ends_as_the_booked_one_starts():
    room = Room("red")
    room.book(Meeting("lunch", 720, 780))
    room.book(Meeting("stand-up", 700, 720))
    assert len(room.meetings) == 2


def test_double_booking_is_refused():
    room = Room("red")
    room.book(Meeting("lunch", 720, 780))
    with pytest.raises(ValueError):
        room.book(Meeting("call", 750, 760))
