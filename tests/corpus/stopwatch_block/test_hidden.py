import pytest
from blocks import Block, Recorder


def test_error_is_recorded_in_all_blocks():
    recorder = Recorder()
    with pytest.raises(KeyError):
        with recorder.block("a"), recorder.block("b"):
            {}["x"]
    assert recorder.events == ["begin a", "  begin b", "  fail (KeyError) b", "fail (KeyError) a"]
    assert recorder.depth == 0


def test_nothing_after_the_error_runs():
    recorder, reached = Recorder(), []
    try:
        with recorder.block("a"):
            raise RuntimeError
        reached.append("after")
    except RuntimeError:
        reached.append("handled")
    assert reached == ["handled"]


def test_handled_inside():
    recorder = Recorder()
    with recorder.block("a"):
        try:
            with recorder.block("b"):
                raise RuntimeError
        except RuntimeError:
            pass
    assert recorder.events[-1] == "end a"
    assert recorder.events[-2] == "  fail (RuntimeError) b"


def test_early_return():
    recorder = Recorder()

    def work():
        with recorder.block("a"):
            return 5

    assert work() == 5
    assert recorder.events == ["begin a", "end a"]


def test_enter_gives_the_block():
    with Recorder().block("x") as block:
        assert isinstance(block, Block)
        assert block.name == "x"
    assert not block.__exit__(None, None, None)
