"""Keeps the last few versions of a log file: `app.log.1` is the newest backup, `app.log.2` the one before."""

from pathlib import Path


def backup_name(path, number):
    return path.with_name(f"{path.name}.{number}")


def rotate(path, keep):
    """Make room for a new log file.

    The file becomes backup 1, backup 1 becomes backup 2 and so on. Backup `keep` is the last one; what
    was there before is deleted. A gap between the backups does no harm.
    """
    if keep < 1 or not path.exists():
        return
    for number in range(keep - 1, 0, -1):
        source = backup_name(path, number)
        if source.exists():
            source.replace(backup_name(path, number + 1))
    path.replace(backup_name(path, 1))


def backups(path):
    """All backups of a file, the newest first."""
    found = []
    for candidate in path.parent.glob(f"{path.name}.*"):
        suffix = candidate.name[len(path.name) + 1 :]
        if suffix.isdigit():
            found.append((int(suffix), candidate))
    return [candidate for _, candidate in sorted(found)]


class Log:
    """A log file that is rotated as soon as it has `limit` lines."""

    def __init__(self, path, limit, keep=3):
        self.path = Path(path)
        self.limit = limit
        self.keep = keep

    def write(self, message):
        if len(self.lines()) >= self.limit:
            rotate(self.path, self.keep)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(message + "\n")

    def lines(self):
        if not self.path.exists():
            return []
        return self.path.read_text(encoding="utf-8").splitlines()
