"""A text with a history of edits."""

from __future__ import annotations

from commands import Insert, Replace


class Document:
    def __init__(self, content: str = ""):
        self.content = content
        self._done: list[Insert | Replace] = []
        self._undone: list[Insert | Replace] = []

    def apply(self, command: Insert | Replace) -> None:
        """Do an edit. What was undone before cannot be redone any more."""
        self.content = command.do(self.content)
        self._done.append(command)

    def undo(self) -> bool:
        """Take the last edit back; False if there is none."""
        if not self._done:
            return False
        command = self._done.pop()
        self.content = command.undo(self.content)
        self._undone.append(command)
        return True

    def redo(self) -> bool:
        """Do the edit again that was undone last; False if there is none."""
        if not self._undone:
            return False
        command = self._undone.pop()
        self.content = command.do(self.content)
        self._done.append(command)
        return True

    @property
    def is_modified(self) -> bool:
        return bool(self._done)
