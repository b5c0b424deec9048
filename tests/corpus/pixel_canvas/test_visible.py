from canvas import Canvas


def test_blank_canvas():
    assert str(Canvas(3, 2)) == "...\n..."


def test_pixel():
    canvas = Canvas(3, 2)
    canvas.put(1, 0)
    assert str(canvas) == ".#.\n..."


def test_outside_is_cut_off():
    canvas = Canvas(2, 1)
    canvas.put(2, 0)
    canvas.put(0, -1)
    assert str(canvas) == ".."


def test_box():
    canvas = Canvas(4, 3)
    canvas.box(0, 0, 3, 3)
    assert str(canvas) == "###.\n#.#.\n###."
