"""Reads a long text page by page; each loop starts with the first page."""


class Reader:
    def __init__(self, text, page_length):
        self.text = text
        self.page_length = page_length
        self.position = 0

    def __iter__(self):
        return self

    def __next__(self):
        if self.position >= len(self.text):
            raise StopIteration
        page = self.text[self.position : self.position + self.page_length]
        self.position += self.page_length
        return page

    def __len__(self):
        return -(-len(self.text) // self.page_length)

    def find(self, word):
        """Number (from 1) of the first page with the word, or None."""
        for number, page in enumerate(self, start=1):
            if word in page:
                return number
        return None
