from sketch import Sketch


def drawing(*strokes):
    sketch = Sketch()
    for stroke in strokes:
        sketch.draw(stroke)
    return sketch


def test_undo_all():
    sketch = drawing("a", "b", "c")
    seen = []
    while sketch.undo():
        seen.append(list(sketch.strokes))
    assert seen == [["a", "b"], ["a"], []]


def test_redo():
    sketch = drawing("a", "b")
    sketch.undo()
    sketch.undo()
    assert sketch.redo() and sketch.strokes == ["a"]
    assert sketch.redo() and sketch.strokes == ["a", "b"]
    assert not sketch.redo()


def test_erasing_can_be_undone():
    sketch = drawing("a", "b")
    sketch.erase_all()
    assert sketch.strokes == []
    sketch.undo()
    assert sketch.strokes == ["a", "b"]


def test_new_stroke_forgets_the_future():
    sketch = drawing("a", "b")
    sketch.undo()
    sketch.draw("c")
    assert sketch.strokes == ["a", "c"]
    assert not sketch.redo()
    assert sketch.undo() and sketch.strokes == ["a"]
    assert sketch.undo() and sketch.strokes == []
