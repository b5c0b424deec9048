from board import Board


def test_nothing_done():
    assert Board(pending=["a"]).progress() == 0
    assert Board(pending=["a"]).bar(4) == "[....]"


def test_all_done():
    assert Board(done=["a", "b"]).progress() == 100
    assert Board(done=["a", "b"]).bar(3) == "[###]"


def test_rounded_down():
    assert Board(["a", "b"], ["c"]).progress() == 33
    assert Board(["a"], ["b", "c"]).progress() == 66
    assert Board(["a"], ["b", "c"]).bar() == "[######....]"


def test_finishing_one_by_one():
    board = Board()
    board.add("a", "b", "c", "d", "e")
    seen = []
    for task in "edcba":
        board.finish(task)
        seen.append(board.progress())
    assert seen == [20, 40, 60, 80, 100]
    assert board.done == list("edcba")
