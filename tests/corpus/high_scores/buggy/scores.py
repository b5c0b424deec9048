"""High-score tables for an arcade game."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    player: str
    points: int
    level: int


def table(scores, size=10):
    """The best scores, highest first; with equal points the higher level is better."""
    return sorted(scores, key=lambda score: (score.points, score.level))[:size]


def show(scores, size=10):
    """Numbered lines of the table, points right-aligned."""
    lines = []
    for place, score in enumerate(table(scores, size), start=1):
        lines.append(f"{place:>2}. {score.player:<8}{score.points:>6}")
    return lines


def personal_best(scores, player):
    own = [score.points for score in scores if score.player == player]
    return max(own, default=0)
