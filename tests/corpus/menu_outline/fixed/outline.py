"""Prints menus (nested lists of (title, entries) pairs) as an outline."""


def outline(entries, depth=0):
    """Lines of the outline, indented by two blanks per level."""
    lines = []
    for title, children in entries:
        lines.append("  " * depth + "- " + title)
        lines.extend(outline(children, depth + 1))
    return lines


def depth_of(entries):
    """Number of levels; an empty menu has none."""
    return max((1 + depth_of(children) for _, children in entries), default=0)


def count(entries):
    return sum(1 + count(children) for _, children in entries)
