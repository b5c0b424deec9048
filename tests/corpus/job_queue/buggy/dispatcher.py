"""Runs jobs by priority; the lowest number comes first."""

from __future__ import annotations

import heapq

from jobs import Job


class Dispatcher:
    """Jobs of equal priority run in the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple] = []
        self._added = 0
        self.log: list[str] = []

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def added(self) -> int:
        """How many times a job has been added so far."""
        return self._added

    def add(self, job: Job) -> None:
        self._added += 1
        heapq.heappush(self._heap, (job.priority, job))

    def next_job(self) -> Job | None:
        """Take the most urgent job out of the queue, or None if nothing is left to do."""
        if not self._heap:
            return None
        _, job = heapq.heappop(self._heap)
        return job

    def run(self) -> None:
        """Run all jobs. A job that fails is added again until it was tried often enough."""
        while True:
            job = self.next_job()
            if job is None:
                return
            job.tries_left -= 1
            try:
                job.action()
            except RuntimeError as error:
                self.log.append(f"{job.name} failed: {error}")
                if job.tries_left > 0:
                    self.add(job)
            else:
                self.log.append(f"{job.name} done")
