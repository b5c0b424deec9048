from fade import channel, fade, to_hex


def test_overshoot_is_cut_at_both_ends():
    assert channel(0, 255, 1.5) == 255
    assert channel(0, 255, -0.5) == 0
    assert channel(255, 0, 1.5) == 0
    assert channel(255, 0, -3) == 255


def test_inside_values_are_kept():
    assert channel(0, 100, 0.25) == 25
    assert channel(0, 255, 0) == 0
    assert channel(0, 255, 1) == 255
    assert channel(10, 11, 0.6) == 11


def test_hex_of_a_fade():
    assert to_hex(fade((0, 0, 0), (255, 255, 255), 0.5)) == "#808080"
    assert to_hex(fade((200, 0, 0), (255, 10, 0), 4)) == "#ff2800"
    assert to_hex(fade((10, 0, 0), (0, 0, 255), 3)) == "#0000ff"
