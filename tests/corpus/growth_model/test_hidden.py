import pytest
from growth import final_amount, growth_factor, mean_rate


def test_no_years():
    assert growth_factor([]) == 1
    assert final_amount(123.45, []) == 123.45


def test_losses():
    assert growth_factor([-50]) == 0.5
    assert growth_factor([-50, 100]) == 1
    assert growth_factor([-100, 50]) == 0


def test_constant():
    assert growth_factor([0, 0, 0]) == 1
    assert mean_rate([7, 7]) == pytest.approx(7)
    assert mean_rate([50, -33.3333333]) == pytest.approx(0, abs=1e-4)


def test_amounts():
    assert final_amount(100, [10, 20]) == 132
    assert final_amount(1000, [1.5]) == 1015
