"""Suggests words for one that is misspelt."""


def distance(word, other):
    """The least number of letters to insert, remove or change that turns one word into the other.

    This is the distance of Levenshtein, with one row of the usual table kept at a time.
    """
    previous = list(range(len(other) + 1))
    for row, letter in enumerate(word, start=1):
        current = [0]
        for column, other_letter in enumerate(other, start=1):
            changed = previous[column - 1] + (letter != other_letter)
            removed = previous[column] + 1
            inserted = current[column - 1] + 1
            current.append(min(changed, removed, inserted))
        previous = current
    return previous[-1]


def tolerance(word):
    """How many mistakes a word may have: one for every three letters, but at least one."""
    return max(1, len(word) // 3)


def hints(word, dictionary, limit=3):
    """The closest words of a dictionary, the closest first and otherwise in alphabetical order."""
    if word in dictionary:
        return [word]
    candidates = []
    for known in dictionary:
        cost = distance(word, known)
        if cost <= tolerance(word):
            candidates.append((cost, known))
    return [known for _, known in sorted(candidates)[:limit]]


def correct(text, dictionary):
    """The text with every unknown word replaced by its best hint, if there is one."""
    corrected = []
    for word in text.split():
        suggestions = hints(word, dictionary, limit=1)
        corrected.append(suggestions[0] if suggestions else word)
    return " ".join(corrected)
