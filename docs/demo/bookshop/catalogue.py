"""Looking for books."""


def page_of(items, page, size=10):
    """The items of 1-based `page`, `size` to a page."""
    start = page * size
    return items[start : start + size]


def page_count(items, size=10):
    """How many pages `items` fill."""
    return (len(items) + size - 1) // size


def search(titles, text):
    """Titles that contain `text`, whatever its case, in alphabetical order."""
    wanted = text.strip().lower()
    return sorted(title for title in titles if wanted in title.lower())
