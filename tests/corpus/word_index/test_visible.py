import pytest
from wordindex import Index


@pytest.fixture
def index():
    index = Index()
    index.add(1, "Buy milk, eggs.")
    index.add(2, "Milk the cow!")
    return index


def test_find(index):
    assert index.find("milk") == [1, 2]


def test_find_all(index):
    assert index.find_all("cow milk") == [2]


def test_unknown_word(index):
    assert index.find("horse") == []


def test_empty_query(index):
    assert index.find_all("") == [1, 2]
