import pytest
from bands import grade, missing_points, report


def test_around_every_bound():
    assert grade(89) == "B"
    assert grade(90) == "A"
    assert grade(91) == "A"
    assert grade(74) == "C"
    assert grade(75) == "B"
    assert grade(49) == "F"
    assert grade(50) == "C"
    assert grade(51) == "C"


def test_fractions():
    assert grade(89.9) == "B"
    assert grade(49.9) == "F"
    assert grade(74.5) == "C"


def test_ends_of_the_scale():
    assert grade(0) == "F"
    assert grade(100) == "A"
    for points in (-1, 100.5):
        with pytest.raises(ValueError):
            grade(points)


def test_missing_points_lead_to_the_next_grade():
    for points in range(90):
        better = points + missing_points(points)
        assert grade(better) < grade(points)
        assert grade(better - 1) == grade(points)


def test_report_at_the_bounds():
    assert report({"a": 90, "b": 50}) == {"A": ["a"], "C": ["b"]}
    assert report({}) == {}
