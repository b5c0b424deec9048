from cup import champion, play_round, rounds

STRENGTH = {"owls": 5, "bears": 8, "foxes": 3, "wolves": 7, "mice": 1}


def test_round():
    assert play_round(["owls", "bears", "foxes"], STRENGTH) == ["bears", "foxes"]


def test_single_team():
    assert champion(["owls"], STRENGTH) == "owls"


def test_champion():
    assert champion(["owls", "bears", "foxes", "wolves"], STRENGTH) == "bears"


def test_rounds():
    assert rounds(list("abcde")) == 3


def test_nobody():
    assert champion([], STRENGTH) is None
