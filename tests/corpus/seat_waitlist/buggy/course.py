"""Places of an evening course with a waiting list."""


class Course:
    def __init__(self, seats):
        self.seats = seats
        self.members = []
        self.waiting = []

    def join(self, name):
        """Returns 'member' or 'waiting'."""
        if len(self.members) < self.seats:
            self.members.append(name)
            return "member"
        self.waiting.append(name)
        return "waiting"

    def leave(self, *names):
        """Members leave; people from the waiting list move up in order.

        Returns those who moved up. Names on the waiting list are dropped.
        """
        free = self.seats - len(self.members)
        self.members = [name for name in self.members if name not in names]
        self.waiting = [name for name in self.waiting if name not in names]
        promoted = self.waiting[:free]
        self.waiting = self.waiting[free:]
        self.members.extend(promoted)
        return promoted
