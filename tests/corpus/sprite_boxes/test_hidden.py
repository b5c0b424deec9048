from boxes import Box, collisions


def test_common_part_of_four_corners():
    middle = Box(10, 10, 20, 20)
    assert middle.common(Box(5, 5, 12, 13)) == Box(10, 10, 12, 13)
    assert middle.common(Box(18, 5, 25, 13)) == Box(18, 10, 20, 13)
    assert middle.common(Box(5, 17, 12, 25)) == Box(10, 17, 12, 20)
    assert middle.common(Box(18, 17, 25, 25)) == Box(18, 17, 20, 20)


def test_common_part_does_not_depend_on_the_order():
    one, other = Box(0, 0, 10, 10), Box(3, -2, 7, 5)
    assert one.common(other) == other.common(one) == Box(3, 0, 7, 5)


def test_box_within_a_box():
    outer, inner = Box(0, 0, 9, 9), Box(2, 3, 4, 5)
    assert outer.common(inner) == inner
    assert inner.common(outer) == inner
    assert outer.common(outer) == outer


def test_touching_boxes_do_not_overlap():
    box = Box(0, 0, 5, 5)
    for dx, dy in ((5, 0), (-5, 0), (0, 5), (0, -5), (5, 5), (-6, 1)):
        assert box.common(box.moved(dx, dy)) is None
    assert box.common(box.moved(4, 4)).area == 1
    assert box.common(box.moved(-4, -4)).area == 1


def test_common_part_lies_in_both():
    one, other = Box(-3, -3, 3, 3), Box(-1, 0, 8, 2)
    assert one.common(other).around(one) == one
    assert one.common(other).around(other) == other


def test_all_collide():
    box = Box(0, 0, 3, 3)
    boxes = {"c": box, "a": box.moved(1, 1), "b": box.moved(2, 2)}
    assert collisions(boxes) == [("a", "b"), ("a", "c"), ("b", "c")]
