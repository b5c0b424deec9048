"""Cleans up a mailbox by simple rules."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mail:
    sender: str
    subject: str
    starred: bool = False


class Mailbox:
    def __init__(self, mails=()):
        self.mails = list(mails)
        self.trash = []

    def sweep(self, sender):
        """Throw away all mails of a sender except starred ones; returns how many."""
        removed = 0
        for mail in list(self.mails):
            if mail.sender == sender and not mail.starred:
                self.mails.remove(mail)
                self.trash.append(mail)
                removed += 1
        return removed

    def restore(self):
        """Bring everything back from the trash, at the end of the mailbox."""
        self.mails.extend(self.trash)
        self.trash.clear()
