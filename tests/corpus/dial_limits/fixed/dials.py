"""Attributes that stay within limits."""


class Limited:
    """A number between two limits; what lies beyond is replaced by the limit.

    A descriptor: it is created once for the class, while every instance has a value of its own.
    """

    def __init__(self, low, high, default):
        self.low = low
        self.high = high
        self.default = default

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return instance.__dict__.get(self.name, self.default)

    def __set__(self, instance, value):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{self.name} must be a number")
        instance.__dict__[self.name] = min(max(value, self.low), self.high)
