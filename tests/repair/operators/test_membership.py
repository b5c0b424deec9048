"""Membership tests against the books that an object or a function keeps."""

from __future__ import annotations

from operator_check import check_proposals, proposals

AGENDA = """
    import heapq

    class Agenda:
        def __init__(self):
            self._heap = []
            self._cancelled = set()

        def cancel(self, number):
            self._cancelled.add(number)

        def due(self, now):
            texts = []
            while self._heap and self._heap[0][0] <= now:
                _, number, text = {taken}
                texts.append(text)  # <-
            return texts
    """


def test_skips_what_another_method_has_noted() -> None:
    check_proposals(
        "membership-skip",
        AGENDA.format(taken="heapq.heappop(self._heap)"),
        offers=[
            "if number in self._cancelled:\ncontinue\ntexts.append(text)",
            "if number in self._cancelled:\nself._cancelled.discard(number)\ncontinue",
        ],
        never=["if self in self._cancelled:", "if _ in self._cancelled:"],
    )


def test_what_was_taken_out_is_struck_off_first() -> None:
    for taken, struck in (("heapq.heappop(self._heap)", True), ("self._heap[0]", False)):
        found = proposals("membership-skip", AGENDA.format(taken=taken))
        assert ("discard" in found[0][0]) is struck, found[0]


def test_skips_what_was_reached_already() -> None:
    check_proposals(
        "membership-skip",
        """
        def trips(network, start):
            distance = {start: 0}
            queue = [start]
            while queue:
                island = queue.pop(0)
                for neighbour in network[island]:
                    distance[neighbour] = distance[island] + 1  # <-
                    queue.append(neighbour)
            return distance
        """,
        offers=["if neighbour in distance:\ncontinue", "if neighbour not in distance:\ncontinue"],
        never=["if distance in distance:"],
    )


def test_leaves_for_a_known_parameter() -> None:
    check_proposals(
        "membership-leave",
        """
        class Bus:
            def __init__(self):
                self.seen = set()
                self.log = []

            def handle(self, event):
                self.log.append(event)  # <-
        """,
        offers=["if event in self.seen:\nreturn\nself.seen.add(event)"],
        never=["if self in"],
    )


def test_plain_functions_keep_no_books() -> None:
    check_proposals("membership-leave", "def f(x):\n    return x  # <-", at_most=0)
    check_proposals("membership-skip", "def f(x):\n    return x  # <-", at_most=0)


def test_a_walk_that_never_ends_comes_first() -> None:
    walk = """
        def walk(network, start):
            seen = {start}
            queue = [start]
            while queue:
                for other in network[queue.pop()]:
                    seen.add(other)  # <-
                    queue.append(other)
        """
    endless = proposals("membership-skip", walk)[0]
    ending = proposals("membership-skip", walk.replace("queue.append(other)", "print(other)"))[0]
    assert "if other in seen:" in endless[0]
    assert endless[2] < ending[2]
