"""Wraps text for narrow paper labels."""


def wrap(text, width):
    """Lines of at most `width` characters; longer words get a line of their own."""
    lines = []
    line = []
    used = 0
    for word in text.split():
        needed = len(word) if not line else len(word) + 1
        if line and used + needed > width:
            lines.append(" ".join(line))
            line = []
            used = 0
            needed = len(word)
        line.append(word)
        used += needed
    if line:
        lines.append(" ".join(line))
    return lines


def label(text, width=12, border="*"):
    """The text in a box."""
    lines = wrap(text, width)
    edge = border * (width + 4)
    return [edge, *(f"{border} {line:<{width}} {border}" for line in lines), edge]
