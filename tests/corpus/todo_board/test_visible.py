import pytest
from board import Board


def test_empty_board_is_complete():
    assert Board().progress() == 100


def test_progress():
    board = Board()
    board.add("wash", "dry", "iron", "fold")
    board.finish("dry")
    assert board.progress() == 25


def test_bar_halfway():
    board = Board(pending=["b"], done=["a"])
    assert board.bar() == "[#####.....]"


def test_unknown_task():
    with pytest.raises(ValueError):
        Board().finish("fly")
