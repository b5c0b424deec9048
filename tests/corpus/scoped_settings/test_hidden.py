import pytest

from scoped import Pen, override


def test_nothing_is_left_behind():
    settings = {}
    with override(settings, a=1, b=None):
        assert settings == {"a": 1, "b": None}
    assert settings == {}


def test_old_none_is_a_value():
    settings = {"a": None}
    with override(settings, a=1, b=2):
        pass
    assert settings == {"a": None}
    assert "a" in settings


def test_falsy_values_return():
    settings = {"a": 0, "b": "", "c": False}
    with override(settings, a=1, b="x", c=True, d=0):
        assert settings == {"a": 1, "b": "x", "c": True, "d": 0}
    assert settings == {"a": 0, "b": "", "c": False}


def test_nested_blocks():
    settings = {"a": 1}
    with override(settings, a=2, b=2):
        with override(settings, b=3, c=3):
            assert settings == {"a": 2, "b": 3, "c": 3}
        assert settings == {"a": 2, "b": 2}
    assert settings == {"a": 1}


def test_other_changes_in_the_block_stay():
    settings = {"a": 1}
    with override(settings, b=2):
        settings["z"] = 26
        settings["a"] = 5
    assert settings == {"a": 5, "z": 26}


def test_setting_deleted_in_the_block():
    settings = {"a": 1}
    with override(settings, a=2, b=2):
        del settings["a"], settings["b"]
    assert settings == {"a": 1}


def test_error_with_new_setting():
    settings = {}
    with pytest.raises(ZeroDivisionError):
        with override(settings, a=1):
            1 / 0
    assert settings == {}


def test_same_dictionary_is_kept():
    settings = {"a": 1}
    with override(settings, b=2) as inner:
        assert inner is settings


def test_pen_with_new_tip():
    pen = Pen()
    assert [pen.stroke(2, tip="*"), pen.stroke(2)] == ["**", "--"]
    assert pen.settings == {}
