from digits import check_digit, digit_sum, is_valid, with_check


def test_digit_sums():
    assert digit_sum(0) == 0
    assert digit_sum(7) == 7
    assert digit_sum(10) == 1
    assert digit_sum(99) == 18
    assert digit_sum(9050) == 14


def test_check_digit_is_the_rest_of_nine():
    for number in range(1, 500):
        assert check_digit(number) == (number - 1) % 9 + 1


def test_every_number_with_check_is_valid():
    for number in range(1, 200):
        assert is_valid(with_check(number))
        assert not is_valid(with_check(number) // 10 * 10 + (check_digit(number) + 1) % 10)


def test_large():
    assert check_digit(10**12) == 1
    assert with_check(999999) == 9999999
