"""Sorts a folder of photos into one folder per kind."""

from pathlib import Path

KINDS = {".jpg": "photos", ".jpeg": "photos", ".png": "pictures", ".mp4": "films"}


def kind_of(path):
    return KINDS.get(path.suffix.lower(), "other")


def free_name(folder, path):
    """A path in the folder that is not taken: tree.jpg, tree-2.jpg, tree-3.jpg, ..."""
    candidate = folder / path.name
    number = 2
    while candidate.exists():
        candidate = folder / f"{path.stem}-{number}{path.suffix}"
        number += 1
    return candidate


def sort_folder(source, target):
    """Move every file of the source; returns the new relative names, sorted."""
    moved = []
    for path in sorted(Path(source).iterdir()):
        if not path.is_file():
            continue
        folder = Path(target) / kind_of(path)
        folder.mkdir(parents=True, exist_ok=True)
        destination = free_name(folder, path)
        path.replace(destination)
        moved.append(destination.relative_to(target).as_posix())
    return sorted(moved)
