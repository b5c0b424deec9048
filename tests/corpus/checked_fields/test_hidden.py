import pytest
from checked import Checked, Oven, limits


class Lamp:
    watts = Checked(0, 60, default=0)
    label = "lamp"


def test_class_access_gives_the_same_descriptor():
    assert Oven.temperature is Oven.temperature
    assert Oven.minutes.default == 30
    assert Oven.minutes.name == "minutes"
    assert Lamp.watts is vars(Lamp)["watts"]


def test_limits_of_other_classes():
    assert limits(Lamp) == {"watts": (0, 60)}
    assert limits(object) == {}


def test_instances_are_separate():
    first, second = Oven(), Oven()
    first.minutes = 5
    assert (first.minutes, second.minutes) == (5, 30)


def test_falsy_values():
    lamp, oven = Lamp(), Oven()
    assert lamp.watts == 0
    oven.minutes = 0
    assert oven.minutes == 0


def test_bounds_are_included():
    oven = Oven()
    oven.temperature = 250
    assert oven.temperature == 250
    for value in (19, 251):
        with pytest.raises(ValueError):
            oven.temperature = value
    assert oven.temperature == 250
