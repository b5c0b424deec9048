import pytest
from letters import fill, placeholders


def test_placeholders():
    assert placeholders("Dear {name}, {name} of {town}") == ["name", "town"]


def test_fill():
    assert fill("Dear {name} of {town}!", {"name": "Mia", "town": "Ulm"}) == "Dear Mia of Ulm!"


def test_text_without_placeholders():
    assert fill("Hello!", {"name": "Mia"}) == "Hello!"


def test_missing_value():
    with pytest.raises(KeyError):
        fill("Dear {name}", {})
