"""What one step does and no step undoes."""

from __future__ import annotations

from operator_check import check_proposals


def test_what_was_pushed_is_popped() -> None:
    check_proposals(
        "insert-inverse",
        """
        class Handler:
            def start(self, name):
                self.path.append(name)
                self.depth += 1

            def end(self, name):
                self.item = None  # <-
        """,
        offers=["self.item = None\nself.path.pop()", "self.item = None\nself.depth -= 1"],
    )


def test_what_was_changed_before_a_pause_is_changed_back() -> None:
    check_proposals(
        "insert-inverse",
        """
        def indented(box, n):
            box.indent += n
            yield  # <-
        """,
        offers=["yield\nbox.indent -= n"],
        at_most=1,
    )


def test_what_is_undone_already_stays() -> None:
    check_proposals(
        "insert-inverse",
        """
        class Handler:
            def start(self, name):
                self.path.append(name)

            def end(self, name):
                self.path.pop()
                self.item = None  # <-
        """,
        at_most=0,
    )
