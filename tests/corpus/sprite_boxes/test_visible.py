from boxes import Box, collisions


def test_size():
    box = Box(1, 2, 4, 8)
    assert (box.width, box.height, box.area) == (3, 6, 18)


def test_common_part():
    assert Box(0, 0, 10, 10).common(Box(6, 4, 20, 8)) == Box(6, 4, 10, 8)


def test_apart():
    assert Box(0, 0, 5, 5).common(Box(0, 7, 5, 9)) is None


def test_around():
    assert Box(0, 0, 2, 2).around(Box(5, -1, 6, 1)) == Box(0, -1, 6, 2)


def test_collisions():
    hero = Box(0, 0, 4, 4)
    boxes = {"hero": hero, "bat": hero.moved(3, 3), "wall": hero.moved(20, 0)}
    assert collisions(boxes) == [("bat", "hero")]
