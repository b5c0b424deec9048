from export import distinct, dump_line, export, fingerprint


def test_sorted_keys():
    assert dump_line({"b": 1, "a": 2, "c": 0}) == '{"a":2,"b":1,"c":0}'
    assert dump_line({}) == "{}"


def test_nested_keys():
    assert dump_line({"x": {"q": 1, "p": [{"z": 1, "y": 2}]}}) == '{"x":{"p":[{"y":2,"z":1}],"q":1}}'


def test_values_keep_their_order():
    assert dump_line([3, 1, 2]) == "[3,1,2]"
    assert fingerprint([1, 2]) != fingerprint([2, 1])


def test_fingerprints():
    assert fingerprint({"ö": 1, "a": 2}) == fingerprint({"a": 2, "ö": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_distinct():
    records = [{"b": 1, "a": 2}, {"a": 2, "b": 1}, {"a": 1, "b": 2}]
    assert distinct(records) == [{"b": 1, "a": 2}, {"a": 1, "b": 2}]
    assert distinct([]) == []


def test_umlauts_stay_readable():
    assert export([{"ü": 1, "e": 2}]) == '{"e":2,"ü":1}\n'
