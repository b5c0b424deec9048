"""A drawing made of strokes, with undo and redo."""


class Sketch:
    def __init__(self):
        self.strokes = []
        self._past = []
        self._future = []

    def _remember(self):
        self._past.append(self.strokes)
        self._future.clear()

    def draw(self, stroke):
        self._remember()
        self.strokes.append(stroke)

    def erase_all(self):
        self._remember()
        self.strokes.clear()

    def undo(self):
        """Go back one step; returns False at the beginning."""
        if not self._past:
            return False
        self._future.append(list(self.strokes))
        self.strokes = self._past.pop()
        return True

    def redo(self):
        """Take back an undo; returns False if there is none."""
        if not self._future:
            return False
        self._past.append(list(self.strokes))
        self.strokes = self._future.pop()
        return True
