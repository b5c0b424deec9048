import pytest
from wordindex import Index


@pytest.fixture
def index():
    index = Index()
    index.add(3, "red, green")
    index.add(1, "green blue?")
    index.add(2, "Blue red")
    return index


def test_unknown_words_in_queries(index):
    assert index.find_all("red horse") == []
    assert index.find_all("horse red") == []
    assert index.find_all("horse") == []


def test_looking_up_does_not_add(index):
    index.find("horse")
    index.add(4, "horse")
    assert index.find("horse") == [4]


def test_empty_index():
    assert Index().find("x") == []
    assert Index().find_all("x y") == []
    assert Index().find_all("") == []


def test_case_and_order(index):
    assert index.find("RED") == [2, 3]
    assert index.find("blue") == [1, 2]
    assert index.find_all("green Red") == [3]
