from canvas import Canvas


def drawn(width, height, *calls):
    canvas = Canvas(width, height)
    for call in calls:
        canvas.put(*call)
    return str(canvas)


def test_pixels():
    assert drawn(2, 2, (0, 0), (1, 1)) == "#.\n.#"
    assert drawn(1, 3, (0, 2)) == ".\n.\n#"
    assert drawn(3, 1, (0, 0), (2, 0, "x")) == "#.x"


def test_marks_replace_each_other():
    assert drawn(2, 2, (0, 1, "a"), (0, 1, "b")) == "..\nb."


def test_rows_are_separate_objects():
    canvas = Canvas(2, 3)
    assert len({id(row) for row in canvas.cells}) == 3
    assert [len(row) for row in canvas.cells] == [2, 2, 2]


def test_boxes():
    canvas = Canvas(5, 4, blank=" ")
    canvas.box(1, 1, 3, 2, "o")
    assert str(canvas) == "     \n ooo \n ooo \n     "
    canvas = Canvas(3, 3)
    canvas.box(-1, -1, 3, 3)
    assert str(canvas) == ".#.\n##.\n..."


def test_empty_canvas():
    assert str(Canvas(0, 0)) == ""
    assert str(Canvas(0, 2)) == "\n"
