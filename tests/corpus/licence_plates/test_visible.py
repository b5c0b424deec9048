from plates import by_district, is_plate, parse


def test_parse():
    assert parse("HH-AB 123") == ("HH", "AB", 123)


def test_lower_case():
    assert parse("kö-x 7") == ("KÖ", "X", 7)


def test_too_many_digits():
    assert not is_plate("HH-AB 12345")


def test_leading_zero():
    assert not is_plate("HH-AB 0123")


def test_by_district():
    assert by_district(["B-A 2", "nonsense", "B-A 1"]) == {"B": ["B-A 1", "B-A 2"]}
