"""Splits a restaurant bill. Amounts are integer cents."""


def tip(bill, percent):
    """The tip, rounded to the nearest cent (half a cent up)."""
    return (bill * percent + 50) // 10


def split(bill, people, percent=10):
    """Fair shares of bill and tip; the first ones pay the odd cents."""
    if people < 1:
        raise ValueError("nobody pays")
    total = bill + tip(bill, percent)
    share, odd = divmod(total, people)
    return [share + 1 if index < odd else share for index in range(people)]


def show(cents):
    return f"{cents // 100}.{cents % 100:02d}"
