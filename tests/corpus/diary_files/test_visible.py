from datetime import datetime

from diary import Diary, file_name


def test_file_name():
    assert file_name(datetime(2024, 3, 9, 18, 5)) == "2024-03-09.txt"


def test_write_and_read(tmp_path):
    diary = Diary(tmp_path)
    diary.write(datetime(2024, 3, 9, 18, 3), "Rain")
    assert diary.read(datetime(2024, 3, 9, 18, 3)) == ["18:03 Rain"]


def test_unwritten_day(tmp_path):
    assert Diary(tmp_path).read(datetime(2024, 3, 9)) == []


def test_lines_of_one_day(tmp_path):
    diary = Diary(tmp_path)
    diary.write(datetime(2024, 3, 9, 8, 0), "Fog")
    diary.write(datetime(2024, 3, 9, 18, 30), "Sun")
    assert diary.read(datetime(2024, 3, 9)) == ["08:00 Fog", "18:30 Sun"]
