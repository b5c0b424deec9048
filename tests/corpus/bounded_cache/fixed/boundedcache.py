"""A cache with room for a fixed number of entries; the oldest entry makes room for a new one."""

from collections import OrderedDict


class BoundedCache:
    """Remembers at most `capacity` values and counts how many it had to give up."""

    def __init__(self, capacity):
        if capacity < 1:
            raise ValueError("a cache needs room for at least one entry")
        self.capacity = capacity
        self.evictions = 0
        self._entries = OrderedDict()

    def __len__(self):
        return len(self._entries)

    def __contains__(self, key):
        return key in self._entries

    def keys(self):
        """All keys, the oldest first."""
        return list(self._entries)

    def get(self, key, default=None):
        return self._entries.get(key, default)

    def put(self, key, value):
        """Store a value. An entry keeps its place in the order when its value is replaced."""
        if key not in self._entries and len(self._entries) >= self.capacity:
            self._evict_oldest()
        self._entries[key] = value

    def get_or_compute(self, key, compute):
        """The stored value, or else the result of `compute(key)`, which is stored."""
        if key not in self._entries:
            self.put(key, compute(key))
        return self._entries[key]

    def _evict_oldest(self):
        self._entries.popitem(last=False)
        self.evictions += 1
