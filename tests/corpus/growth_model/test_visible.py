import pytest
from growth import final_amount, growth_factor, mean_rate


def test_two_years():
    assert growth_factor([10, 10]) == pytest.approx(1.21)


def test_final_amount():
    assert final_amount(200, [50]) == 300


def test_nothing_saved():
    assert final_amount(0, [5, 5]) == 0


def test_mean_rate_without_years():
    assert mean_rate([]) == 0
