"""Reads lists such as `[1, two, [3, []]]` and writes them again."""

import re

TOKEN = re.compile(r"\s*([\[\],]|[^\s\[\],]+)")


class ListSyntaxError(ValueError):
    """The text is no list."""


class TokenStream:
    """Brackets, commas and words of a text, with a view of the next one."""

    def __init__(self, text):
        self._tokens = TOKEN.findall(text)
        self._position = 0

    def peek(self):
        """The next token, or None at the end."""
        if self._position < len(self._tokens):
            return self._tokens[self._position]
        return None

    def take(self):
        token = self.peek()
        if token is None:
            raise ListSyntaxError("the text ends too early")
        self._position += 1
        return token

    def expect(self, wanted):
        token = self.take()
        if token != wanted:
            raise ListSyntaxError(f"expected {wanted}, found {token}")


def parse(text):
    """The list that a text describes; the whole text has to belong to it."""
    stream = TokenStream(text)
    return parse_list(stream)


def parse_list(stream):
    stream.expect("[")
    items = []
    if stream.peek() == "]":
        stream.take()
        return items
    items.append(parse_item(stream))
    while stream.peek() == ",":
        stream.take()
        items.append(parse_item(stream))
    stream.expect("]")
    return items


def parse_item(stream):
    """A list, a whole number or else a word."""
    if stream.peek() == "[":
        return parse_list(stream)
    token = stream.take()
    if token in ("]", ","):
        raise ListSyntaxError(f"unexpected {token}")
    return int(token) if token.isdigit() else token


def render(items):
    """The text of a list."""
    parts = [render(item) if isinstance(item, list) else str(item) for item in items]
    return "[" + ", ".join(parts) + "]"
