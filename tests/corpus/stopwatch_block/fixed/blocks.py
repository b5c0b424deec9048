"""Context managers that keep a record of what was entered and left."""


class Recorder:
    def __init__(self):
        self.events = []
        self.depth = 0

    def block(self, name):
        return Block(self, name)


class Block:
    """Notes begin and end of a block; an error is noted and passed on."""

    def __init__(self, recorder, name):
        self.recorder = recorder
        self.name = name

    def __enter__(self):
        self.recorder.events.append(f"{'  ' * self.recorder.depth}begin {self.name}")
        self.recorder.depth += 1
        return self

    def __exit__(self, kind, error, traceback):
        self.recorder.depth -= 1
        outcome = "end" if error is None else f"fail ({kind.__name__})"
        self.recorder.events.append(f"{'  ' * self.recorder.depth}{outcome} {self.name}")
        return False
