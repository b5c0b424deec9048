"""A knockout cup: strong teams win, the last team of an odd round has a bye."""


def play_round(teams, strength):
    """Winners of one round, in order; equal teams: the first one wins."""
    winners = []
    for index in range(0, len(teams) - 1, 2):
        home, guest = teams[index], teams[index + 1]
        winners.append(guest if strength[guest] > strength[home] else home)
    if len(teams) % 2 == 1:
        winners.append(teams[-1])
    return winners


def champion(teams, strength):
    """The winner of the whole cup, None without teams."""
    if len(teams) <= 1:
        return teams[0] if teams else None
    return champion(teams[::2], strength)


def rounds(teams):
    """Number of rounds until one team is left."""
    return 0 if len(teams) <= 1 else 1 + rounds(teams[::2])
