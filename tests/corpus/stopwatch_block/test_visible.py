import pytest
from blocks import Recorder


def test_block():
    recorder = Recorder()
    with recorder.block("load"):
        pass
    assert recorder.events == ["begin load", "end load"]


def test_nested():
    recorder = Recorder()
    with recorder.block("a"), recorder.block("b"):
        pass
    assert recorder.events == ["begin a", "  begin b", "  end b", "end a"]


def test_error_is_passed_on():
    recorder = Recorder()
    with pytest.raises(ValueError):
        with recorder.block("load"):
            raise ValueError("bad")


def test_depth_returns_to_zero():
    recorder = Recorder()
    with recorder.block("a"):
        assert recorder.depth == 1
    assert recorder.depth == 0
