from plants import Diary


def test_new_diary():
    diary = Diary({"b": 3, "a": 1})
    assert diary.to_do(0) == ["a", "b"]
    assert diary.to_do(100) == ["a", "b"]
    assert diary.needs_water("a", 0) is True
    assert diary.needs_water("b", 1) is True


def test_day_zero_is_a_day():
    diary = Diary({"a": 5})
    diary.water("a", 0)
    assert diary.needs_water("a", 4) is False
    assert diary.needs_water("a", 5) is True


def test_latest_watering_counts():
    diary = Diary({"a": 5})
    diary.water("a", 9)
    diary.water("a", 2)
    assert diary.to_do(10) == []
    assert diary.to_do(14) == ["a"]


def test_some_watered():
    diary = Diary({"a": 1, "b": 1, "c": 1})
    diary.water("b", 3)
    assert diary.to_do(3) == ["a", "c"]
    assert Diary({}).to_do(1) == []
