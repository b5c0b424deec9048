"""Parses chat commands such as `/msg bob see you at eight`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    name: str
    target: str = ""
    text: str = ""


def parse(line):
    """The command of a line, or None if the line is no command.

    The target is the first word after the name; the rest, blanks included,
    is the text.
    """
    if not line.startswith("/"):
        return None
    parts = line[1:].split()
    if not parts:
        return None
    return Command(*parts[:3])


def to_line(command):
    words = ["/" + command.name, command.target, command.text]
    return " ".join(word for word in words if word)
