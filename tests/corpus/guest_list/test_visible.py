from guests import GuestList


def test_expected_guest():
    assert GuestList(["Ada Lee"]).admit("ada lee")


def test_stranger():
    assert not GuestList(["Ada Lee"]).admit("Bob")


def test_guest_from_text():
    assert GuestList.from_text("Ada Lee, Bob").admit("Bob")


def test_nobody_enters_twice():
    guests = GuestList(["Ada Lee"])
    guests.admit("Ada Lee")
    assert not guests.admit("ADA LEE")
