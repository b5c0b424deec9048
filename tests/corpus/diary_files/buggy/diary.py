"""Keeps one text file for each day of a diary."""

from datetime import datetime
from pathlib import Path


def file_name(moment):
    """'2024-03-09.txt' for a moment of 9 March 2024."""
    return moment.strftime("%Y-%M-%d") + ".txt"


class Diary:
    def __init__(self, folder):
        self.folder = Path(folder)

    def write(self, moment, text):
        """Append a line with the time of day to the file of the day."""
        path = self.folder / file_name(moment)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{moment:%H:%M} {text}\n")
        return path

    def read(self, day):
        """All lines of a day, in order of writing."""
        path = self.folder / file_name(day)
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def days(self):
        return [datetime.strptime(path.stem, "%Y-%m-%d").date() for path in sorted(self.folder.glob("*.txt"))]
