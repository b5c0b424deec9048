"""A small to-do board."""

from dataclasses import dataclass, field


@dataclass
class Board:
    pending: list = field(default_factory=list)
    done: list = field(default_factory=list)

    def add(self, *tasks):
        self.pending.extend(tasks)

    def finish(self, task):
        """Move a task to the finished ones; an unknown task raises ValueError."""
        self.pending.remove(task)
        self.done.append(task)

    def progress(self):
        """Finished tasks in percent of all tasks, rounded down; an empty board is at 100."""
        total = len(self.pending) + len(self.done)
        if total == 0:
            return 100
        return 100 * len(self.pending) // total

    def bar(self, width=10):
        filled = self.progress() * width // 100
        return "[" + "#" * filled + "." * (width - filled) + "]"
