from tickets import Counter, Dispenser


def test_first_ticket():
    assert Dispenser().next_ticket() == "A001"


def test_letter():
    assert Dispenser("B").next_ticket().startswith("B")


def test_nobody_waits():
    assert Counter(Dispenser()).call() is None


def test_order_of_calls():
    counter = Counter(Dispenser())
    arrived = [counter.arrive() for _ in range(3)]
    assert arrived == ["A001", "A002", "A003"]
    assert counter.call() == "A001"


def test_reset():
    dispenser = Dispenser()
    first = dispenser.next_ticket()
    dispenser.reset()
    assert dispenser.next_ticket() == first
