"""Calls a flaky function again, with growing pauses."""


class GaveUp(Exception):
    """All attempts failed; `__cause__` is the last error."""


def delays(attempts, first=1.0, factor=2.0):
    """Pauses between the attempts, in seconds."""
    return [first * factor**number for number in range(attempts - 1)]


def retry(function, attempts=3, sleep=lambda seconds: None):
    """Call until it succeeds, pausing in between; raises GaveUp in the end."""
    pauses = delays(attempts)
    for attempt in range(attempts):
        try:
            return function()
        except OSError as error:
            if attempt == attempts - 1:
                return None
            sleep(pauses[attempt])
    return None
