"""Seats of a cinema: row letters and seat numbers from 1, such as 'B7'."""

import string


class Hall:
    def __init__(self, rows, seats_per_row):
        self.rows = rows
        self.seats_per_row = seats_per_row
        self.taken = [False] * (rows * seats_per_row)

    def index(self, seat):
        """Place of a seat in the list: A1 is 0, A2 is 1, ..."""
        row = string.ascii_uppercase.index(seat[0])
        number = int(seat[1:])
        if row >= self.rows or not 1 <= number <= self.seats_per_row:
            raise ValueError(f"there is no seat {seat}")
        return row * self.seats_per_row + number

    def name(self, index):
        """The opposite of index."""
        row, place = divmod(index, self.seats_per_row)
        return f"{string.ascii_uppercase[row]}{place}"

    def take(self, seat):
        """Whether the seat was still free."""
        index = self.index(seat)
        free = not self.taken[index]
        self.taken[index] = True
        return free

    def free_seats(self):
        return [self.name(index) for index, taken in enumerate(self.taken) if not taken]
