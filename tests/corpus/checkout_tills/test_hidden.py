from tills import Customer, Visit, longest_wait, simulate, tills_needed


def test_nobody():
    assert simulate([]) == []
    assert tills_needed([], 0) == 1


def test_single_late_customer():
    assert simulate([Customer("a", 100, 1)]) == [Visit("a", 0, 102)]
    assert simulate([Customer("a", 100, 1)], tills=3) == [Visit("a", 0, 102)]


def test_gap_between_customers():
    visits = simulate([Customer("a", 0, 5), Customer("b", 10, 5), Customer("c", 11, 5)])
    assert [visit.left_at for visit in visits] == [2, 12, 14]
    assert [visit.waited for visit in visits] == [0, 0, 1]


def test_just_in_time():
    visits = simulate([Customer("a", 3, 5), Customer("b", 5, 5), Customer("c", 7, 0)])
    assert [visit.waited for visit in visits] == [0, 0, 0]
    assert visits[-1].left_at == 8


def test_order_of_arrival():
    visits = simulate([Customer("late", 9, 0), Customer("early", 2, 0)])
    assert [visit.name for visit in visits] == ["early", "late"]


def test_first_free_till_is_taken():
    customers = [Customer("a", 5, 50), Customer("b", 5, 5), Customer("c", 6, 5), Customer("d", 20, 0)]
    visits = simulate(customers, tills=2)
    assert [visit.waited for visit in visits] == [0, 0, 1, 0]
    assert [visit.left_at for visit in visits] == [16, 7, 9, 21]


def test_tills_needed_in_the_afternoon():
    customers = [Customer(name, 300, 10) for name in "abcdef"]
    assert tills_needed(customers, 0) == 6
    assert tills_needed(customers, 3) == 3
    assert tills_needed(customers, 15) == 1
    assert longest_wait(simulate(customers)) == 15
