from digits import check_digit, digit_sum, is_valid, with_check


def test_digit_sum():
    assert digit_sum(123) == 6


def test_check_digit_of_small_numbers():
    assert [check_digit(number) for number in (0, 5, 9)] == [0, 5, 9]


def test_with_check():
    assert with_check(4711) == 47114


def test_valid():
    assert is_valid(33)
    assert not is_valid(7)
