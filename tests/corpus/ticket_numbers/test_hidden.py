from tickets import Counter, Dispenser


def test_start_again_after_the_last():
    dispenser = Dispenser("C", last=3)
    assert [dispenser.next_ticket() for _ in range(5)] == ["C001", "C002", "C003", "C001", "C002"]


def test_number_of_the_latest_ticket():
    dispenser = Dispenser()
    assert dispenser.number == 0
    dispenser.next_ticket()
    assert dispenser.number == 1
    dispenser.next_ticket()
    assert dispenser.number == 2


def test_reset_starts_with_one():
    dispenser = Dispenser()
    dispenser.next_ticket()
    dispenser.reset()
    assert dispenser.number == 0
    assert dispenser.next_ticket() == "A001"


def test_two_dispensers():
    assert Dispenser("X").next_ticket() == "X001"
    assert Dispenser("Y", last=1).next_ticket() == "Y001"


def test_counter():
    counter = Counter(Dispenser(last=2))
    assert [counter.arrive() for _ in range(3)] == ["A001", "A002", "A001"]
    assert [counter.call() for _ in range(4)] == ["A001", "A002", "A001", None]
