"""A tiny grep with context lines, as in `grep -B1 -A2`."""


def find_hits(lines, word):
    """Zero-based indices of the lines that contain the word."""
    return [index for index, line in enumerate(lines) if word in line]


def excerpt(lines, hit, before=1, after=1):
    """The hit with `before` lines above it and `after` lines below it."""
    first = max(0, hit - before)
    last = hit + after
    return lines[first:last]


def grep(text, word, before=0, after=0):
    """All excerpts joined, separated by a line of two dashes."""
    lines = text.splitlines()
    blocks = []
    for hit in find_hits(lines, word):
        blocks.append("\n".join(excerpt(lines, hit, before, after)))
    return "\n--\n".join(blocks)
