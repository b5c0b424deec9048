import pytest
from lift import Lift


def test_idle():
    assert Lift(3).run(2) == ["idle", "idle"]


def test_drive_up():
    lift = Lift(3)
    lift.request(2)
    assert lift.run(3) == ["at 1", "at 2", "open"]


def test_two_requests():
    lift = Lift(3)
    lift.request(1)
    lift.request(0)
    assert lift.run(6) == ["at 1", "open", "close", "at 0", "open", "close"]


def test_unknown_floor():
    with pytest.raises(ValueError):
        Lift(3).request(4)
