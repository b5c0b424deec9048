import pytest

from devices import Radio


def test_defaults():
    radio = Radio("kitchen")
    assert (radio.volume, radio.bass) == (3, 0)


def test_limits():
    radio = Radio("kitchen")
    radio.volume = 99
    assert radio.volume == 10
    radio.volume = -1
    assert radio.volume == 0


def test_two_radios():
    kitchen, garage = Radio("kitchen"), Radio("garage")
    kitchen.volume = 8
    garage.volume = 1
    assert kitchen.volume == 8
    assert garage.volume == 1


def test_louder():
    radio = Radio("kitchen")
    radio.louder(2)
    assert radio.volume == 5


def test_not_a_number():
    with pytest.raises(TypeError):
        Radio("kitchen").volume = "loud"


def test_text():
    assert repr(Radio("hall")) == "hall: volume 3, bass +0"
