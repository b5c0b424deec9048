"""A character canvas to draw boxes on."""


class Canvas:
    def __init__(self, width, height, blank="."):
        self.width = width
        self.height = height
        self.cells = [[blank] * width for _ in range(height)]

    def put(self, column, row, mark="#"):
        """Draw a pixel; pixels outside of the canvas are cut off."""
        if 0 <= column < self.width and 0 <= row < self.height:
            self.cells[row][column] = mark

    def box(self, left, top, width, height, mark="#"):
        """Draw the outline of a box."""
        for column in range(left, left + width):
            self.put(column, top, mark)
            self.put(column, top + height - 1, mark)
        for row in range(top, top + height):
            self.put(left, row, mark)
            self.put(left + width - 1, row, mark)

    def __str__(self):
        return "\n".join("".join(row) for row in self.cells)
