from tills import Customer, Visit, longest_wait, service_time, simulate, tills_needed


def test_service_time():
    assert [service_time(items) for items in (0, 1, 5, 6)] == [1, 2, 2, 3]


def test_queue_at_one_till():
    visits = simulate([Customer("a", 0, 10), Customer("b", 1, 5)])
    assert visits == [Visit("a", 0, 3), Visit("b", 2, 5)]


def test_shop_is_empty_for_a_while():
    visits = simulate([Customer("a", 20, 10), Customer("b", 21, 5)])
    assert visits == [Visit("a", 0, 23), Visit("b", 2, 25)]


def test_two_tills():
    visits = simulate([Customer(name, 0, 5) for name in "abc"], tills=2)
    assert [visit.waited for visit in visits] == [0, 0, 2]


def test_longest_wait():
    assert longest_wait([]) == 0
    assert longest_wait([Visit("a", 2, 9), Visit("b", 5, 10)]) == 5


def test_tills_needed():
    assert tills_needed([Customer(name, 0, 10) for name in "abcd"], patience=3) == 2
