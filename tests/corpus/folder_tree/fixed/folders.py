"""Searches a tree of folders given as nested dictionaries (files map to their size)."""


def find_path(tree, wanted):
    """Path of the first file with this name, as a list of names, or None."""
    for name, content in tree.items():
        if isinstance(content, dict):
            below = find_path(content, wanted)
            if below is not None:
                return [name, *below]
        elif name == wanted:
            return [name]
    return None


def total_size(tree):
    size = 0
    for content in tree.values():
        size += total_size(content) if isinstance(content, dict) else content
    return size
