from family import Person, ancestors, generations, oldest

GRANDMA = Person("Gerda", 1931)
MUM = Person("Maria", 1960, mother=GRANDMA)
CHILD = Person("Kai", 1990, mother=MUM, father=Person("Frank", 1958))


def test_nobody_is_known():
    assert generations(GRANDMA) == 1


def test_generations():
    assert generations(CHILD) == 3


def test_ancestors():
    assert ancestors(CHILD) == ["Maria", "Gerda", "Frank"]


def test_oldest():
    assert oldest(CHILD) == 1931
