"""Fields that check their values on assignment."""


class Checked:
    """A number between two bounds; reading it on the class gives the descriptor itself."""

    def __init__(self, low, high, default=None):
        self.low = low
        self.high = high
        self.default = low if default is None else default

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return instance.__dict__.get(self.name, self.default)

    def __set__(self, instance, value):
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name} must be between {self.low} and {self.high}")
        instance.__dict__[self.name] = value


class Oven:
    temperature = Checked(20, 250)
    minutes = Checked(0, 180, default=30)


def limits(cls):
    """{field: (low, high)} of all checked fields of a class."""
    fields = {}
    for name in vars(cls):
        field = getattr(cls, name)
        if isinstance(field, Checked):
            fields[name] = (field.low, field.high)
    return fields
