"""Exports records as JSON lines that can be compared with a diff."""

import hashlib
import json


def dump_line(record):
    """One line; equal records always give the same text, umlauts stay readable."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def export(records):
    return "".join(dump_line(record) + "\n" for record in records)


def fingerprint(record):
    """A short name for the contents of a record."""
    return hashlib.sha256(dump_line(record).encode()).hexdigest()[:12]


def distinct(records):
    """The records without repetitions, first ones kept."""
    seen = {}
    for record in records:
        seen.setdefault(fingerprint(record), record)
    return list(seen.values())
