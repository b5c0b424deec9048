"""Splits a photo album into numbered pages."""

from dataclasses import dataclass


@dataclass
class Page:
    number: int
    photos: list
    has_next: bool


class Album:
    """Photos in order; pages are numbered from 1."""

    def __init__(self, photos, per_page=4):
        self.photos = list(photos)
        self.per_page = per_page

    @property
    def page_count(self):
        full, rest = divmod(len(self.photos), self.per_page)
        return full + (1 if rest else 0)

    def page(self, number):
        if not 1 <= number <= max(1, self.page_count):
            raise IndexError(f"no page {number}")
        first = number * self.per_page
        photos = self.photos[first : first + self.per_page]
        return Page(number, photos, has_next=number < self.page_count)
