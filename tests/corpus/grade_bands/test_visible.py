import pytest
from bands import grade, missing_points, report


def test_inside_of_the_bands():
    assert [grade(points) for points in (95, 80, 60, 20)] == ["A", "B", "C", "F"]


def test_lower_bounds():
    assert [grade(points) for points in (90, 75, 50)] == ["A", "B", "C"]


def test_impossible_points():
    with pytest.raises(ValueError):
        grade(101)


def test_missing_points():
    assert [missing_points(points) for points in (49, 50, 90)] == [1, 25, 0]


def test_report():
    assert report({"zoe": 91, "ali": 99, "bo": 10}) == {"A": ["ali", "zoe"], "F": ["bo"]}
