from address_book import only_in_first, read_book, unite
from contacts import Contact, parse_contact


def test_notes_do_not_count():
    assert Contact("A", "a@x", note="old") == Contact("A", "a@x")
    assert hash(Contact("A", "a@x", note="old")) == hash(Contact("A", "a@x", note="new"))
    assert len({Contact("A", "a@x", note=str(number)) for number in range(3)}) == 1


def test_phones_do_not_count():
    assert Contact("A", "a@x", ("1",)) == Contact("A", "a@x", ("2",))


def test_name_and_address_count():
    assert Contact("A", "a@x") != Contact("B", "a@x")
    assert Contact("A", "a@x") != Contact("A", "b@x")
    assert len(unite([Contact("A", "a@x"), Contact("B", "a@x"), Contact("A", "b@x")])) == 3


def test_difference_ignores_notes():
    ada = Contact("A", "a@x", note="friend")
    assert only_in_first([ada], [Contact("A", "a@x", ("1",), "colleague")]) == []
    assert only_in_first([ada], []) == [ada]


def test_same_note_once():
    united = unite([Contact("A", "a@x", note="n"), Contact("A", "a@x", note="n"), Contact("A", "a@x")])
    assert [contact.note for contact in united] == ["n"]


def test_three_of_one():
    united = unite([Contact("A", "a@x", (phone,), phone * 2) for phone in "123"])
    assert united[0].phones == ("1", "2", "3")
    assert united[0].note == "11; 22; 33"
    assert len(united) == 1


def test_defaults():
    contact = parse_contact("Bo <b@x>")
    assert contact.note == "" and contact.phones == ()
    assert Contact("Bo", "b@x").note == ""


def test_note_is_shown():
    assert "chess" in repr(Contact("A", "a@x", note="chess"))


def test_book_with_two_people():
    book = read_book("A <a@x> 1 # n\nB <b@x>\nA <a@x> 2")
    assert [(contact.name, contact.phones, contact.note) for contact in book] == [
        ("A", ("1", "2"), "n"),
        ("B", (), ""),
    ]
