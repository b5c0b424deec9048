import pytest
from lift import Lift


def lift(top, *floors):
    lift = Lift(top)
    for floor in floors:
        lift.request(floor)
    return lift


def test_door_closes_and_stays_closed():
    subject = lift(3, 0)
    assert subject.run(4) == ["open", "close", "idle", "idle"]
    assert subject.door_open is False


def test_door_is_open_after_opening():
    subject = lift(2, 1)
    subject.run(2)
    assert subject.door_open is True
    subject.tick()
    assert subject.door_open is False


def test_never_drives_with_an_open_door():
    subject = lift(5, 3, 1, 4, 0)
    for _ in range(30):
        floor, was_open = subject.floor, subject.door_open
        subject.tick()
        assert not (was_open and subject.floor != floor)
    assert subject.requests == []


def test_doubled_request():
    subject = lift(2, 1, 1)
    assert subject.run(4) == ["at 1", "open", "close", "idle"]


def test_request_while_the_door_is_open():
    subject = lift(2, 0)
    subject.tick()
    subject.request(0)
    assert subject.run(3) == ["close", "open", "close"]
    with pytest.raises(ValueError):
        subject.request(-1)
