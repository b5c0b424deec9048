from bookshop.sales import best_month, monthly

SALES = [("Jan", 10), ("Jan", 5), ("Feb", 7), ("Mar", 20)]


def test_monthly():
    assert monthly(SALES) == [("Jan", 15), ("Feb", 7), ("Mar", 20)]


def test_one_month():
    assert monthly([("May", 3)]) == [("May", 3)]


def test_no_sales():
    assert monthly([]) == []
    assert best_month([]) is None


def test_best_month():
    assert best_month(SALES) == "Mar"
    assert best_month(SALES[:3]) == "Jan"
