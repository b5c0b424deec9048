from datetime import date, datetime

from diary import Diary, file_name


def test_names():
    assert file_name(datetime(2024, 12, 31, 23, 59)) == "2024-12-31.txt"
    assert file_name(datetime(2024, 1, 1)) == "2024-01-01.txt"
    assert file_name(datetime(1999, 10, 2, 7, 11)) == "1999-10-02.txt"
    assert file_name(datetime(2024, 5, 6, 5, 5)) == "2024-05-06.txt"


def test_dates_do_as_well():
    assert file_name(date(2024, 3, 9)) == "2024-03-09.txt"


def test_days(tmp_path):
    diary = Diary(tmp_path)
    diary.write(datetime(2024, 3, 9, 8, 1), "a")
    diary.write(datetime(2024, 3, 9, 9, 2), "b")
    diary.write(datetime(2023, 3, 9, 8, 1), "c")
    diary.write(datetime(2024, 4, 9, 8, 1), "d")
    assert diary.days() == [date(2023, 3, 9), date(2024, 3, 9), date(2024, 4, 9)]


def test_months_are_separate(tmp_path):
    diary = Diary(tmp_path)
    diary.write(datetime(2024, 3, 9, 8, 0), "march")
    diary.write(datetime(2024, 4, 9, 8, 0), "april")
    assert diary.read(datetime(2024, 3, 9)) == ["08:00 march"]
    assert diary.read(date(2024, 4, 9)) == ["08:00 april"]
    assert diary.read(date(2024, 5, 9)) == []
