"""Groups of friends, kept as a forest with path halving."""


class Groups:
    def __init__(self, people):
        self._parent = {person: person for person in people}
        self._size = {person: 1 for person in people}
        self.count = len(self._parent)

    def leader(self, person):
        while self._parent[person] != person:
            self._parent[person] = self._parent[self._parent[person]]
            person = self._parent[person]
        return person

    def befriend(self, one, other):
        """Join the groups of two people; returns whether that changed anything."""
        first, second = self.leader(one), self.leader(other)
        if first == second:
            return False
        if self._size[first] < self._size[second]:
            first, second = second, first
        self._parent[second] = first
        self._size[first] += self._size[second]
        self.count -= 1
        return True

    def size_of(self, person):
        return self._size[self.leader(person)]

    def together(self, one, other):
        return self.leader(one) == self.leader(other)
