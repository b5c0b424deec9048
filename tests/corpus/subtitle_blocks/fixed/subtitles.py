"""Reads subtitle files: blocks of lines, separated by blank lines."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Subtitle:
    second: int
    text: str


def parse_block(lines):
    """The first line is the time as m:ss, the rest is the text."""
    minutes, seconds = lines[0].split(":")
    return Subtitle(int(minutes) * 60 + int(seconds), " ".join(lines[1:]))


def parse(text):
    """All subtitles in order; any number of blank lines separates two blocks."""
    subtitles = []
    block = []
    for line in text.splitlines():
        if not line.strip():
            if block:
                subtitles.append(parse_block(block))
            block = []
            continue
        block.append(line.strip())
    if block:
        subtitles.append(parse_block(block))
    return subtitles


def at(subtitles, second):
    """The text that is shown at that second, '' before the first one."""
    shown = [subtitle.text for subtitle in subtitles if subtitle.second <= second]
    return shown[-1] if shown else ""
