"""Check digits for parcel numbers: the repeated digit sum, from 0 to 9."""


def digit_sum(number):
    total = 0
    while number > 0:
        number, digit = divmod(number, 10)
        total += digit
    return total


def check_digit(number):
    """Sum the digits again and again until one digit is left."""
    while number > 9:
        number = digit_sum(number)
    return number


def with_check(number):
    """The number with its check digit appended."""
    return number * 10 + check_digit(number)


def is_valid(number):
    return number >= 10 and check_digit(number // 10) == number % 10
