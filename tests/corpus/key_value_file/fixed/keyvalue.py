"""Reads simple settings files: `key = value` lines, blank lines and # comments."""

from pathlib import Path


def parse(text):
    """Settings as a dictionary of strings; the last value of a key counts."""
    settings = {}
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        key, sign, value = line.partition("=")
        if not sign:
            raise ValueError(f"no '=' in {line!r}")
        settings[key.strip()] = value.strip()
    return settings


def load(path):
    """Settings of a file; a file that is not there counts as empty."""
    path = Path(path)
    return parse(path.read_text()) if path.exists() else {}
