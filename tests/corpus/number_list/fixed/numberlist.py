"""Reads numbers from free text, for example from a form field."""


def parse_numbers(text):
    """(numbers, rejected words) of a text; words are separated by blanks or commas."""
    numbers = []
    rejected = []
    for word in text.replace(",", " ").split():
        try:
            numbers.append(int(word))
        except ValueError:
            rejected.append(word)
    return numbers, rejected


def total(text):
    numbers, _ = parse_numbers(text)
    return sum(numbers)


def complaint(text):
    """A message about words that are no numbers, or None."""
    _, rejected = parse_numbers(text)
    if not rejected:
        return None
    return "not a number: " + ", ".join(rejected)
