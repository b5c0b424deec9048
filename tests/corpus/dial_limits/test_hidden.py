import pytest

from devices import Radio
from dials import Limited


def test_new_radio_has_defaults():
    first = Radio("a")
    first.volume = 9
    first.bass = -2
    second = Radio("b")
    assert (second.volume, second.bass) == (3, 0)
    assert (first.volume, first.bass) == (9, -2)


def test_many_radios():
    radios = [Radio(str(number)) for number in range(5)]
    for number, radio in enumerate(radios):
        radio.volume = number
        radio.bass = -number
    assert [radio.volume for radio in radios] == [0, 1, 2, 3, 4]
    assert [radio.bass for radio in radios] == [0, -1, -2, -3, -4]


def test_mute_only_one():
    one, other = Radio("one"), Radio("other")
    other.louder()
    assert one.mute() == 3
    assert (one.volume, other.volume) == (0, 4)


def test_both_limits():
    radio = Radio("a")
    radio.bass = -6
    assert radio.bass == -5
    radio.bass = 5.5
    assert radio.bass == 5
    radio.louder(-20)
    assert radio.volume == 0


def test_copy_is_no_link():
    one, other = Radio("one"), Radio("other")
    one.bass = 2
    other.copy_sound(one)
    one.bass = 4
    assert (one.bass, other.bass) == (4, 2)


def test_class_access():
    assert isinstance(Radio.volume, Limited)
    assert Radio.bass.name == "bass"


def test_rejected_value_changes_nothing():
    radio = Radio("a")
    radio.volume = 7
    for value in ("8", None, True):
        with pytest.raises(TypeError):
            radio.volume = value
    assert radio.volume == 7


def test_two_classes_with_one_name():
    class Lamp:
        volume = Limited(0, 1, default=1)

    lamp, radio = Lamp(), Radio("a")
    lamp.volume = 5
    assert (lamp.volume, radio.volume) == (1, 3)
