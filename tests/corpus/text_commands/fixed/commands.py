"""Edits of a text that can be done and undone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Insert:
    at: int
    text: str

    def do(self, content: str) -> str:
        return content[: self.at] + self.text + content[self.at :]

    def undo(self, content: str) -> str:
        return content[: self.at] + content[self.at + len(self.text) :]


@dataclass(frozen=True)
class Replace:
    """Puts another text in the place of one that is known to stand there."""

    at: int
    old: str
    new: str

    def do(self, content: str) -> str:
        return content[: self.at] + self.new + content[self.at + len(self.old) :]

    def undo(self, content: str) -> str:
        return content[: self.at] + self.old + content[self.at + len(self.new) :]
