from podium import Podium


def test_faster_runner_moves_ahead():
    podium = Podium()
    podium.report("Ada", 61.0)
    assert podium.report("Bo", 58.5) == 1
    assert podium.names() == ["Bo", "Ada"]


def test_tie_is_placed_behind():
    podium = Podium()
    podium.report("Ada", 61.0)
    assert podium.report("Bo", 61.0) == 2
    assert podium.names() == ["Ada", "Bo"]


def test_slow_runner_misses_the_podium():
    podium = Podium(places=1)
    podium.report("Ada", 61.0)
    assert podium.report("Bo", 70.0) is None


def test_last_place_drops_out():
    podium = Podium(places=2)
    for runner, seconds in [("Ada", 61), ("Bo", 60), ("Cy", 59)]:
        podium.report(runner, seconds)
    assert podium.names() == ["Cy", "Bo"]
