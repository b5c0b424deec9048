"""Caches map tiles; when it is full, the tile that was not used for longest goes."""

from collections import OrderedDict


class TileCache:
    def __init__(self, load, capacity=3):
        self.load = load
        self.capacity = capacity
        self.loads = 0
        self._tiles = OrderedDict()  # least recently used first

    def get(self, key):
        if key in self._tiles:
            self._tiles.move_to_end(key)
            return self._tiles[key]
        tile = self.load(key)
        self.loads += 1
        self._tiles[key] = tile
        if len(self._tiles) > self.capacity:
            self._tiles.popitem(last=False)
        return tile

    def cached(self):
        """Keys of the cached tiles, the one to be dropped next first."""
        return list(self._tiles)

    def forget(self, key):
        self._tiles.pop(key, None)
