"""Contacts and what makes two of them the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Contact:
    """A person. Two contacts are the same if name and address are, whatever else is known."""

    name: str
    email: str
    phones: tuple[str, ...] = field(default=(), compare=False)
    note: str = ""

    def merged(self, other: Contact) -> Contact:
        """This contact with the phones and the note of another one added."""
        phones = self.phones + tuple(phone for phone in other.phones if phone not in self.phones)
        notes = [note for note in dict.fromkeys([self.note, other.note]) if note]
        return replace(self, phones=phones, note="; ".join(notes))


def parse_contact(line: str) -> Contact:
    """Read `name <address> phone, phone # note`; phones and note may be missing."""
    line, _, note = line.partition("#")
    name, _, rest = line.partition("<")
    email, _, phones = rest.partition(">")
    numbers = tuple(phone.strip() for phone in phones.split(",") if phone.strip())
    return Contact(name.strip(), email.strip().lower(), numbers, note.strip())
