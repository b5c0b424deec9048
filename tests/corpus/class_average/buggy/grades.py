"""Report cards: averages of grades by subject."""


def average(grades):
    """Mean rounded to two digits; None if there are no grades yet."""
    return round(sum(grades) / len(grades), 2)


def report(card):
    """'maths 1.5, art -' for {'maths': [1, 2], 'art': []}."""
    parts = []
    for subject, grades in card.items():
        mean = average(grades)
        parts.append(f"{subject} {'-' if mean is None else mean}")
    return ", ".join(parts)


def best_subject(card):
    """The subject with the lowest average (1 is the best grade), or None."""
    means = {subject: average(grades) for subject, grades in card.items()}
    graded = [subject for subject in means if means[subject] is not None]
    return min(graded, key=means.get, default=None)
