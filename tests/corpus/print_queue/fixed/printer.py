"""A printer with two queues; urgent jobs go first, otherwise in order of arrival."""

from collections import deque


class Printer:
    def __init__(self):
        self.urgent = deque()
        self.normal = deque()
        self.pages_printed = 0

    def submit(self, name, pages, urgent=False):
        queue = self.urgent if urgent else self.normal
        queue.append((name, pages))

    def next_job(self):
        """The job that is to be printed now, removed from its queue."""
        for queue in (self.urgent, self.normal):
            if queue:
                return queue.popleft()
        return None

    def print_all(self):
        """Print everything; returns the names in the order of printing."""
        names = []
        job = self.next_job()
        while job is not None:
            name, pages = job
            names.append(name)
            self.pages_printed += pages
            job = self.next_job()
        return names
