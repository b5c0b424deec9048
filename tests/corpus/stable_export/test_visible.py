from export import distinct, dump_line, export, fingerprint


def test_compact():
    assert dump_line({"a": [1, 2]}) == '{"a":[1,2]}'


def test_umlauts():
    assert dump_line({"name": "Jörg"}) == '{"name":"Jörg"}'


def test_order_of_keys_does_not_matter():
    assert dump_line({"b": 1, "a": 2}) == dump_line({"a": 2, "b": 1})


def test_export():
    assert export([{"a": 1}, {"a": 2}]) == '{"a":1}\n{"a":2}\n'


def test_distinct():
    assert distinct([{"a": 1}, {"a": 1}, {"a": 2}]) == [{"a": 1}, {"a": 2}]


def test_fingerprint_length():
    assert len(fingerprint({})) == 12
