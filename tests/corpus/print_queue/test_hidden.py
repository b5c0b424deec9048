from printer import Printer


def test_urgent_jobs_keep_their_order_too():
    printer = Printer()
    for name, urgent in [("a", False), ("b", True), ("c", True), ("d", False), ("e", True)]:
        printer.submit(name, 1, urgent)
    assert printer.print_all() == ["b", "c", "e", "a", "d"]


def test_next_job_removes():
    printer = Printer()
    printer.submit("a", 1)
    printer.submit("b", 2)
    printer.submit("c", 3)
    assert printer.next_job() == ("a", 1)
    assert printer.next_job() == ("b", 2)
    assert printer.next_job() == ("c", 3)
    assert printer.next_job() is None


def test_submitting_while_printing():
    printer = Printer()
    printer.submit("a", 1)
    printer.submit("b", 1)
    assert printer.next_job()[0] == "a"
    printer.submit("c", 1)
    assert printer.print_all() == ["b", "c"]
    assert printer.print_all() == []
    assert printer.pages_printed == 2


def test_equal_jobs():
    printer = Printer()
    for _ in range(3):
        printer.submit("a", 2)
    assert printer.print_all() == ["a"] * 3
    assert printer.pages_printed == 6
