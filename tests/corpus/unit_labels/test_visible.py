from labels import label, without_prefix


def test_prefix_is_dropped():
    assert without_prefix("sensor_wind") == "wind"


def test_other_names_are_kept():
    assert without_prefix("total") == "total"


def test_label_with_unit():
    assert label("sensor_humidity_pct") == "Humidity (%)"


def test_label_of_room():
    assert label("sensor_room_temp_degc") == "Room temp (°C)"


def test_label_without_unit():
    assert label("calc_gusts") == "Gusts"
