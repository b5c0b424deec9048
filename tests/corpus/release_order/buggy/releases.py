"""Orders releases such as 2.10.1."""


def version_key(version):
    """The numbers of a version, for comparing; 'v1.2' counts as '1.2'."""
    return tuple(part for part in version.lstrip("v").split("."))


def newest(versions):
    """The newest version, or None if there are none."""
    return max(versions, key=version_key, default=None)


def is_upgrade(old, new):
    return version_key(new) > version_key(old)


def changelog(notes):
    """Lines of 'version: note', newest first, from a {version: note} mapping."""
    return [f"{version}: {notes[version]}" for version in sorted(notes, key=version_key, reverse=True)]
