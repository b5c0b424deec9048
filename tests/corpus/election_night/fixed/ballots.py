"""Counts the ballots of an election."""

from collections import Counter

MARK = "x"


def count_ballots(ballots):
    """Votes for each candidate and the number of invalid ballots.

    A ballot maps candidates to what stands in their box; it is valid with exactly one mark.
    """
    tally = Counter()
    invalid = 0
    for ballot in ballots:
        marked = [name for name, box in ballot.items() if box.strip().lower() == MARK]
        if len(marked) == 1:
            tally[marked[0]] += 1
        else:
            invalid += 1
    return tally, invalid
