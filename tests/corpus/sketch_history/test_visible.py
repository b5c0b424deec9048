from sketch import Sketch


def test_draw():
    sketch = Sketch()
    sketch.draw("line")
    assert sketch.strokes == ["line"]


def test_undo():
    sketch = Sketch()
    sketch.draw("line")
    sketch.draw("arc")
    assert sketch.undo()
    assert sketch.strokes == ["line"]


def test_undo_at_the_beginning():
    assert not Sketch().undo()


def test_nothing_to_redo():
    sketch = Sketch()
    sketch.draw("line")
    assert not sketch.redo()
