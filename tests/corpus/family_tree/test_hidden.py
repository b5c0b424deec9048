from family import Person, ancestors, generations, oldest


def line(side, years):
    person = None
    for year in years:
        person = Person(str(year), year, **({side: person} if person else {}))
    return person


def test_nobody():
    assert generations(None) == 0


def test_one_sided():
    assert generations(line("mother", [1900, 1930, 1960])) == 3
    assert generations(line("father", [1900, 1930, 1960, 1990])) == 4
    assert generations(line("father", [1990])) == 1


def test_deeper_side_counts():
    child = Person("c", 2000, line("mother", [1970]), line("father", [1910, 1940, 1970]))
    assert generations(child) == 4
    child = Person("c", 2000, line("father", [1910, 1940, 1970]), line("mother", [1970]))
    assert generations(child) == 4


def test_only_one_parent_known():
    assert generations(Person("c", 2000, father=Person("f", 1970))) == 2
    assert generations(Person("c", 2000, mother=Person("m", 1970))) == 2


def test_others():
    assert ancestors(line("father", [1900, 1930, 1960])) == ["1930", "1900"]
    assert oldest(line("mother", [1900, 1930])) == 1900
