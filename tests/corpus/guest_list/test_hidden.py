from guests import GuestList


def test_blanks_at_the_door():
    guests = GuestList(["Ada"])
    assert guests.admit("  Ada ") is True
    assert guests.admit("ada\n") is False
    assert guests.missing() == []


def test_blanks_in_the_list():
    guests = GuestList([" Ada", "Bob\t"])
    assert guests.admit("bob")
    assert guests.admit("ada")
    assert guests.missing() == []


def test_inner_blanks_matter():
    guests = GuestList(["Ada Lee"])
    assert not guests.admit("AdaLee")
    assert guests.missing() == ["Ada Lee"]


def test_missing_names_are_tidy():
    assert GuestList.from_text("Ada Lee ,  Bob,, ").missing() == ["Ada Lee", "Bob"]


def test_doubled_names_count_once():
    guests = GuestList.from_text("Ada, ada ")
    assert guests.admit("ADA")
    assert not guests.admit("ada")
