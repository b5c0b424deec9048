"""Counts a game of tennis: love, 15, 30, 40, deuce and advantage."""

NAMES = ("love", "15", "30", "40")
FORTY = 3


class Game:
    def __init__(self, server, receiver):
        self.players = (server, receiver)
        self.points = {server: 0, receiver: 0}
        self.advantage = None
        self.winner = None

    def point(self, player):
        """Count a point for a player.

        From 40 all on, a player needs two points in a row: the first one gives the advantage and the
        second one the game. A point of the other player in between makes it deuce again.
        """
        if self.winner is not None:
            raise ValueError("the game is over")
        opponent = self.opponent_of(player)
        if self.advantage == player:
            self.winner = player
        elif self.points[player] < FORTY:
            self.points[player] += 1
        elif self.points[opponent] < FORTY:
            self.winner = player
        else:
            self.advantage = player

    def opponent_of(self, player):
        server, receiver = self.players
        if player not in self.players:
            raise ValueError(f"{player} does not play")
        return receiver if player == server else server

    def score(self):
        """The score as an umpire calls it, the server's points first."""
        if self.winner is not None:
            return f"game {self.winner}"
        if self.advantage is not None:
            return f"advantage {self.advantage}"
        server, receiver = (self.points[player] for player in self.players)
        if server == receiver:
            return "deuce" if server == FORTY else f"{NAMES[server]} all"
        return f"{NAMES[server]}-{NAMES[receiver]}"


def play(server, receiver, winners):
    """The calls after each point of a game, given who won the points."""
    game = Game(server, receiver)
    calls = []
    for player in winners:
        game.point(player)
        calls.append(game.score())
    return calls
