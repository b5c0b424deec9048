"""Locks an account after three wrong passwords in a row."""

MAX_FAILURES = 3


class Locked(Exception):
    """The account is locked until an administrator unlocks it."""


class Account:
    def __init__(self, name, password):
        self.name = name
        self._password = password
        self.failures = 0

    @property
    def locked(self):
        return self.failures >= MAX_FAILURES

    def login(self, password):
        """True or False; a locked account raises Locked."""
        if self.locked:
            raise Locked(self.name)
        if password != self._password:
            self.failures += 1
            return False
        return True

    def unlock(self):
        self.failures = 0

    def change_password(self, old, new):
        """Changing the password needs the old one and counts as a login."""
        if self.login(old):
            self._password = new
            return True
        return False
