import pytest
from checked import Checked, Oven, limits


def test_default():
    assert Oven().temperature == 20
    assert Oven().minutes == 30


def test_set():
    oven = Oven()
    oven.temperature = 180
    assert oven.temperature == 180


def test_out_of_bounds():
    with pytest.raises(ValueError, match="minutes"):
        Oven().minutes = 500


def test_field_of_the_class():
    assert isinstance(Oven.temperature, Checked)


def test_limits():
    assert limits(Oven) == {"temperature": (20, 250), "minutes": (0, 180)}
