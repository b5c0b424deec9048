import pytest
from plants import Diary


@pytest.fixture
def diary():
    diary = Diary({"fern": 2, "cactus": 20})
    diary.water("cactus", 1)
    return diary


def test_interval_is_over(diary):
    assert diary.needs_water("cactus", 21)


def test_watered_lately(diary):
    assert not diary.needs_water("cactus", 20)


def test_never_watered(diary):
    assert diary.to_do(3) == ["fern"]


def test_unknown_plant(diary):
    with pytest.raises(KeyError):
        diary.water("palm", 1)
