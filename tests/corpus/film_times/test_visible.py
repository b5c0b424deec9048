from films import parse_minutes, programme, show_minutes


def test_show():
    assert show_minutes(131) == "2:11 h"


def test_show_few_minutes():
    assert show_minutes(125) == "2:05 h"


def test_parse():
    assert parse_minutes("2:05 h") == 125


def test_programme():
    films = [("Metropolis", 153), ("Nosferatu", 94)]
    assert programme(films, "18:30") == ["18:30 Metropolis (2:33 h)", "21:18 Nosferatu (1:34 h)"]
