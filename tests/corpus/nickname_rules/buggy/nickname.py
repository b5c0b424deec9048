"""Checks the nicknames that people choose for a chat."""

ALLOWED_SIGNS = "_-."
RESERVED = {"admin", "root", "system"}


def is_allowed(character):
    return character.isalnum() or character in ALLOWED_SIGNS


def problems(nickname):
    """All reasons to refuse a nickname; an empty list means it is fine."""
    found = []
    if not 3 <= len(nickname) <= 12:
        found.append("length")
    if not any(is_allowed(character) for character in nickname):
        found.append("characters")
    if nickname[:1] in ALLOWED_SIGNS and nickname:
        found.append("first character")
    if nickname.lower() in RESERVED:
        found.append("reserved")
    return found


def is_valid(nickname):
    return not problems(nickname)
