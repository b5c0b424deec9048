"""Cash accounts of a sports club with a journal."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Entry:
    payer: str
    receiver: str
    cents: int


class Club:
    def __init__(self):
        self.balances = {}
        self.journal = []

    def open_account(self, name, cents=0):
        if name in self.balances:
            raise ValueError(f"{name} exists")
        self.balances[name] = cents

    def transfer(self, payer, receiver, cents):
        """Move money and note it in the journal."""
        if cents <= 0:
            raise ValueError("nothing to transfer")
        if self.balances[payer] < cents:
            raise ValueError(f"{payer} cannot pay {cents}")
        self.balances[payer] -= cents
        self.balances[receiver] += cents
        self.journal.append(Entry(payer, receiver, cents))

    def turnover(self, name):
        """(received, paid) of one account according to the journal."""
        received = sum(entry.cents for entry in self.journal if entry.receiver == name)
        paid = sum(entry.cents for entry in self.journal if entry.payer == name)
        return received, paid
