"""Fills in form letters: {name} is replaced by the value called name."""


def placeholders(text):
    """Names between braces, each once, in order of appearance."""
    names = []
    for chunk in text.split("{")[1:]:
        name, closed, _ = chunk.partition("}")
        if closed and name not in names:
            names.append(name)
    return names


def fill(text, values):
    """Replace every placeholder; a missing value raises KeyError."""
    for name in placeholders(text):
        value = str(values[name])
        text = text.replace("{" + name + "}", value)
    return text
