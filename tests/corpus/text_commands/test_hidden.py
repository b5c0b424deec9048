from commands import Insert, Replace
from document import Document


def test_nothing_to_do():
    document = Document("a")
    assert not document.undo()
    assert not document.redo()
    assert document.content == "a"


def test_whole_history_back_and_forth():
    document = Document("0")
    for number in (1, 2, 3):
        document.apply(Insert(number, str(number)))
    assert [document.undo() for _ in range(4)] == [True, True, True, False]
    assert document.content == "0"
    assert [document.redo() for _ in range(4)] == [True, True, True, False]
    assert document.content == "0123"


def test_new_edit_forgets_all_undone_ones():
    document = Document("")
    for letter in "cba":
        document.apply(Insert(0, letter))
    document.undo()
    document.undo()
    document.apply(Replace(0, "c", "z"))
    assert document.content == "z"
    assert not document.redo()
    assert document.undo()
    assert document.content == "c"
    assert document.redo()
    assert document.content == "z"
    assert not document.redo()


def test_redo_keeps_the_rest():
    document = Document("")
    document.apply(Insert(0, "a"))
    document.apply(Insert(1, "b"))
    document.undo()
    document.undo()
    assert document.redo()
    assert document.content == "a"
    assert document.redo()
    assert document.content == "ab"


def test_documents_are_independent():
    one, other = Document(""), Document("")
    one.apply(Insert(0, "a"))
    one.undo()
    other.apply(Insert(0, "b"))
    assert one.redo() and one.content == "a"
