from podium import Podium


def fill(places, results):
    podium = Podium(places)
    answers = [podium.report(runner, seconds) for runner, seconds in results]
    return podium.names(), answers


def test_a_tie_for_the_last_place_changes_nothing():
    assert fill(1, [("a", 5), ("b", 5)]) == (["a"], [1, None])
    assert fill(2, [("a", 5), ("b", 5), ("c", 5)]) == (["a", "b"], [1, 2, None])


def test_many_ties_keep_their_order():
    assert fill(4, [("a", 5), ("b", 4), ("c", 5), ("d", 4)]) == (["b", "d", "a", "c"], [1, 1, 3, 2])


def test_descending_and_ascending():
    assert fill(3, [("a", 3), ("b", 2), ("c", 1)]) == (["c", "b", "a"], [1, 1, 1])
    assert fill(3, [("a", 1), ("b", 2), ("c", 3)]) == (["a", "b", "c"], [1, 2, 3])


def test_empty():
    assert fill(3, []) == ([], [])
    assert fill(0, [("a", 1)]) == ([], [None])


def test_single_and_default():
    podium = Podium()
    assert podium.places == 3
    assert podium.report("a", 0) == 1
    assert podium.report("b", 0) == 2
