"""A search index for a handful of notes."""


class Index:
    def __init__(self):
        self._notes = {}
        self._entries = {}

    def add(self, number, text):
        self._notes[number] = text
        for word in text.lower().split():
            self._entries.setdefault(word.strip(".,!?"), set()).add(number)

    def find(self, word):
        """Numbers of the notes with this word, ascending."""
        return sorted(self._entries.get(word.lower(), ()))

    def find_all(self, query):
        """Numbers of the notes that contain every word of the query."""
        words = query.split()
        if not words:
            return sorted(self._notes)
        matches = set(self.find(words[0]))
        for word in words[1:]:
            matches &= set(self.find(word))
        return sorted(matches)
