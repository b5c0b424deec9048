import pytest

from scoped import Pen, describe, override


def test_settings_hold_in_the_block():
    settings = {"size": 1}
    with override(settings, size=2):
        assert settings == {"size": 2}


def test_old_value_returns():
    settings = {"size": 1, "tip": "="}
    with override(settings, size=2):
        pass
    assert settings == {"size": 1, "tip": "="}


def test_old_value_returns_after_an_error():
    settings = {"size": 1}
    with pytest.raises(KeyError):
        with override(settings, size=2):
            raise KeyError("lost")
    assert settings == {"size": 1}


def test_new_setting_goes_away():
    settings = {"size": 1}
    with override(settings, colour="red"):
        assert describe(settings) == "colour=red, size=1"
    assert describe(settings) == "size=1"


def test_pen():
    pen = Pen(tip="=")
    assert pen.stroke(3) == "==="
    assert pen.stroke(2, colour="red") == "<red>=="
    assert pen.stroke(2) == "=="
