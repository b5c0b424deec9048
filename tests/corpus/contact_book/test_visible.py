from address_book import only_in_first, read_book, unite
from contacts import Contact, parse_contact


def test_parse():
    contact = parse_contact("Ada Byron <ADA@calc.org> 12, 34 # likes numbers")
    assert (contact.name, contact.email) == ("Ada Byron", "ada@calc.org")
    assert contact.phones == ("12", "34")
    assert contact.note == "likes numbers"


def test_merge():
    merged = Contact("A", "a@x", ("1",), "tall").merged(Contact("A", "a@x", ("1", "2"), "kind"))
    assert merged.phones == ("1", "2")
    assert merged.note == "tall; kind"


def test_unite_phones():
    united = unite([Contact("A", "a@x", ("1",)), Contact("B", "b@x"), Contact("A", "a@x", ("2",))])
    assert [contact.phones for contact in united] == [("1", "2"), ()]


def test_unite_notes():
    book = read_book("Ada <a@x> # from work\n\nAda <a@x> # plays chess\n")
    assert [contact.note for contact in book] == ["from work; plays chess"]


def test_difference():
    ada, bob = Contact("A", "a@x"), Contact("B", "b@x")
    assert only_in_first([ada, bob], [bob]) == [ada]
