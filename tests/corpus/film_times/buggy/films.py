"""Running times of films."""


def show_minutes(minutes):
    """'2:05 h' for 125 minutes."""
    hours, rest = divmod(minutes, 60)
    return f"{hours}:{rest:2d} h"


def parse_minutes(text):
    """The opposite of show_minutes."""
    hours, minutes = text.removesuffix(" h").split(":")
    return int(hours) * 60 + int(minutes)


def programme(films, start, pause=15):
    """Lines with starting times; `films` are (title, minutes), `start` is '18:30'."""
    now = parse_minutes(start)
    lines = []
    for title, minutes in films:
        lines.append(f"{now // 60 % 24:02d}:{now % 60:02d} {title} ({show_minutes(minutes)})")
        now += minutes + pause
    return lines
