"""Settings that hold for the length of a block.

    with override(settings, colour="red"):
        ...
"""

from contextlib import contextmanager


@contextmanager
def override(settings, **changes):
    """Change some settings for a while; afterwards they are as they were before the block."""
    saved = {name: settings.get(name) for name in changes}
    settings.update(changes)
    try:
        yield settings
    finally:
        settings.update(saved)


def describe(settings):
    """The settings as text, one `name=value` each, in alphabetical order."""
    return ", ".join(f"{name}={settings[name]}" for name in sorted(settings))


class Pen:
    """Draws lines as text. Its settings are the defaults of all strokes."""

    def __init__(self, **settings):
        self.settings = settings

    def stroke(self, length, **changes):
        """A line, drawn with other settings than usual where `changes` are given."""
        with override(self.settings, **changes):
            line = self.settings.get("tip", "-") * length
            if "colour" in self.settings:
                line = f"<{self.settings['colour']}>{line}"
            return line
