from pumps import hours_needed, smallest_pump


def test_agrees_with_trying_all():
    for chambers in ([5], [1, 9], [7, 7, 7], [2, 3, 13]):
        for hours in range(len(chambers), 20):
            fitting = [rate for rate in range(1, 14) if hours_needed(chambers, rate) <= hours]
            assert smallest_pump(chambers, hours) == min(fitting)


def test_endless_time():
    assert smallest_pump([9, 9], 1000) == 1
    assert smallest_pump([9, 9], 18) == 1
    assert smallest_pump([9, 9], 17) == 2


def test_single_chamber():
    assert smallest_pump([10], 1) == 10
    assert smallest_pump([10], 2) == 5
    assert smallest_pump([1], 1) == 1


def test_impossible():
    assert smallest_pump([4], 0) is None
    assert smallest_pump([4, 4], 1) is None
