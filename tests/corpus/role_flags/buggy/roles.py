"""Access rights kept as bits of one integer."""

READ = 1
WRITE = 2
SHARE = 4
ADMIN = 8

NAMES = {READ: "read", WRITE: "write", SHARE: "share", ADMIN: "admin"}


class Rights:
    def __init__(self, bits=0):
        self.bits = bits

    def grant(self, *rights):
        for right in rights:
            self.bits |= right
        return self

    def revoke(self, *rights):
        """Take rights away; a right that is not held is simply ignored."""
        for right in rights:
            self.bits ^= right
        return self

    def allows(self, right):
        """Administrators may do everything."""
        return bool(self.bits & ADMIN) or self.bits & right == right

    def __str__(self):
        return "+".join(name for bit, name in NAMES.items() if self.bits & bit) or "none"
