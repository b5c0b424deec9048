from printer import Printer


def test_nothing_to_print():
    assert Printer().print_all() == []


def test_order_of_arrival():
    printer = Printer()
    for name in ("thesis", "map", "recipe"):
        printer.submit(name, 2)
    assert printer.print_all() == ["thesis", "map", "recipe"]


def test_urgent_first():
    printer = Printer()
    printer.submit("thesis", 90)
    printer.submit("ticket", 1, urgent=True)
    assert printer.print_all() == ["ticket", "thesis"]


def test_pages():
    printer = Printer()
    printer.submit("thesis", 90)
    printer.submit("ticket", 1)
    printer.print_all()
    assert printer.pages_printed == 91
