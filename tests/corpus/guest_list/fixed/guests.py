"""The guest list at the door. Names are compared regardless of case and outer blanks."""


def normalise(name):
    return name.strip().lower()


class GuestList:
    def __init__(self, names):
        self._expected = {normalise(name): name.strip() for name in names}
        self._arrived = []

    def admit(self, name):
        """Whether the name is expected and has not arrived yet."""
        key = normalise(name)
        if key not in self._expected or key in self._arrived:
            return False
        self._arrived.append(key)
        return True

    def missing(self):
        return [name for key, name in self._expected.items() if key not in self._arrived]

    @classmethod
    def from_text(cls, text):
        """Read names separated by commas."""
        return cls(part for part in text.split(",") if part.strip())
