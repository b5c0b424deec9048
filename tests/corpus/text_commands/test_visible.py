from commands import Insert, Replace
from document import Document


def test_insert_and_undo():
    document = Document("ab")
    document.apply(Insert(1, "--"))
    assert document.content == "a--b"
    assert document.undo()
    assert document.content == "ab"


def test_replace_and_undo():
    document = Document("red car")
    document.apply(Replace(0, "red", "yellow"))
    assert document.content == "yellow car"
    document.undo()
    assert document.content == "red car"


def test_redo():
    document = Document()
    document.apply(Insert(0, "x"))
    document.undo()
    assert document.redo()
    assert document.content == "x"


def test_nothing_to_redo_after_a_new_edit():
    document = Document()
    document.apply(Insert(0, "one"))
    document.undo()
    document.apply(Insert(0, "two"))
    assert not document.redo()
    assert document.content == "two"


def test_modified():
    document = Document("a")
    assert not document.is_modified
    document.apply(Insert(0, "b"))
    assert document.is_modified
