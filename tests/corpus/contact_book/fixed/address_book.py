"""A collection of contacts without duplicates."""

from __future__ import annotations

from contacts import Contact, parse_contact


def unite(contacts: list[Contact]) -> list[Contact]:
    """Merge contacts that are the same, in order of first appearance."""
    known: dict[Contact, Contact] = {}
    for contact in contacts:
        known[contact] = known[contact].merged(contact) if contact in known else contact
    return list(known.values())


def read_book(text: str) -> list[Contact]:
    return unite([parse_contact(line) for line in text.splitlines() if line.strip()])


def only_in_first(first: list[Contact], second: list[Contact]) -> list[Contact]:
    """The contacts of one book that another one lacks."""
    others = set(second)
    return [contact for contact in first if contact not in others]
