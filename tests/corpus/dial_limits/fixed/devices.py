"""Radios and what can be turned on them."""

from dials import Limited


class Radio:
    volume = Limited(0, 10, default=3)
    bass = Limited(-5, 5, default=0)

    def __init__(self, name):
        self.name = name

    def louder(self, steps=1):
        self.volume += steps

    def mute(self):
        """Turn the sound off and return the volume to come back to."""
        before = self.volume
        self.volume = 0
        return before

    def copy_sound(self, other):
        """Take over how another radio sounds."""
        self.volume = other.volume
        self.bass = other.bass

    def __repr__(self):
        return f"{self.name}: volume {self.volume}, bass {self.bass:+d}"
