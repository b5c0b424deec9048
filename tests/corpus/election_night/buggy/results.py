"""Results of an election as they are shown."""


def ranking(tally):
    """Pairs of candidate and votes: most votes first, equal votes in alphabetical order."""
    return sorted(tally.items(), key=lambda entry: (entry[1], entry[0]), reverse=True)


def elected(tally, seats):
    """Who gets a seat, in alphabetical order; everybody who ties for the last seat has to draw lots.

    Returns the elected candidates and those who draw lots.
    """
    ranked = ranking(tally)
    if len(ranked) <= seats:
        return sorted(name for name, _ in ranked), []
    last = ranked[seats - 1][1]
    if ranked[seats][1] < last:
        return sorted(name for name, _ in ranked[:seats]), []
    sure = sorted(name for name, votes in ranked if votes > last)
    return sure, sorted(name for name, votes in ranked if votes == last)


def table(tally):
    """A line for each candidate with rank, name, votes and percentage; equal votes share a rank."""
    total = sum(tally.values())
    lines = []
    rank = 0
    votes_before = None
    for position, (name, votes) in enumerate(ranking(tally), start=1):
        if votes != votes_before:
            rank = position
        votes_before = votes
        lines.append(f"{rank}. {name} {votes} ({100 * votes / total:.1f}%)")
    return lines
