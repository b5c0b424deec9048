from labels import label, without_prefix


def test_words_made_of_prefix_letters():
    assert without_prefix("sensor_noses") == "noses"
    assert without_prefix("calc_call_count") == "call_count"
    assert without_prefix("calc_lacs") == "lacs"
    assert without_prefix("sensor_snow") == "snow"


def test_only_one_prefix():
    assert without_prefix("sensor_sensor_x") == "sensor_x"
    assert without_prefix("sensor_calc_x") == "calc_x"
    assert without_prefix("calc_sensor_x") == "sensor_x"


def test_prefix_in_the_middle():
    assert without_prefix("my_sensor_x") == "my_sensor_x"
    assert without_prefix("sensors") == "sensors"


def test_nothing_left():
    assert without_prefix("sensor_") == ""
    assert without_prefix("") == ""


def test_labels():
    assert label("calc_clouds_pct") == "Clouds (%)"
    assert label("sensor_pressure_hpa") == "Pressure (hPa)"
    assert label("rain") == "Rain"
