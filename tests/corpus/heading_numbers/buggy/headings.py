"""Numbers the headings of a Markdown text: 1, 1.1, 1.2, 2, 2.1 and so on."""

MAX_LEVEL = 6
FENCE = "```"


def heading_level(line):
    """The level of a heading (1 to 6), or 0 for any other line."""
    hashes = len(line) - len(line.lstrip("#"))
    if 1 <= hashes <= MAX_LEVEL and line[hashes : hashes + 1] == " ":
        return hashes
    return 0


def number_headings(lines):
    """The lines with a number in front of each heading's title.

    Lines of code between two fences are never headings.
    """
    counters = [0] * MAX_LEVEL
    numbered = []
    in_code = False
    for line in lines:
        if line.startswith(FENCE):
            in_code = not in_code
        level = 0 if in_code else heading_level(line)
        if level == 0:
            numbered.append(line)
            continue
        counters[level - 1] += 1
        number = ".".join(str(counter) for counter in counters[:level])
        title = line[level:].strip()
        numbered.append(f"{'#' * level} {number} {title}")
    return numbered


def contents(lines):
    """The table of contents: the numbered titles, indented by their level."""
    numbered = number_headings(lines)
    entries = []
    for before, after in zip(lines, numbered):
        if before != after:
            level = heading_level(after)
            entries.append("  " * (level - 1) + after[level + 1 :])
    return entries
