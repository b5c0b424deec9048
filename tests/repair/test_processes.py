"""What the keeper and the contained process tell each other."""

import os

import pytest

from tracemend.repair.runner.payload.processes import Cull


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no keeper without fork")
def test_no_run_begins_while_the_keeper_kills():
    cull = Cull()
    from_keeper, to_server = os.pipe()
    from_server, to_keeper = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        with cull:
            os.write(to_server, b"k")
            os.read(from_server, 1)
        os.close(to_server)
        os._exit(0)
    os.close(to_server)
    os.read(from_keeper, 1)
    assert cull._is_on[0] == 1
    os.write(to_keeper, b"s")
    cull.wait()
    assert cull._is_on[0] == 0
    os.waitpid(keeper, 0)
