"""Which islands can be reached by ferry, and with how many trips."""

from collections import deque


def connect(lines):
    """{island: neighbours} from ('Amrum', 'Föhr') pairs; ferries go both ways."""
    network = {}
    for one, other in lines:
        network.setdefault(one, []).append(other)
        network.setdefault(other, []).append(one)
    return network


def trips(network, start):
    """{island: smallest number of trips} of all islands that can be reached."""
    distance = {start: 0}
    queue = deque([start])
    while queue:
        island = queue.popleft()
        for neighbour in network.get(island, ()):
            distance[neighbour] = distance[island] + 1
            queue.append(neighbour)
    return distance


def isolated(network, start):
    """Islands that cannot be reached, sorted."""
    return sorted(set(network) - set(trips(network, start)))
