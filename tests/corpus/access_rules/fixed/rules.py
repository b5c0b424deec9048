"""Rules about who may do what, with * as a wildcard."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    role: str
    action: str
    allow: bool = True

    def applies(self, role, action):
        return self.role in ("*", role) and self.action in ("*", action)


def parse_rule(line):
    """'deny guest write' or 'allow * read'."""
    verb, role, action = line.split()
    if verb not in ("allow", "deny"):
        raise ValueError(f"neither allow nor deny: {line!r}")
    return Rule(role, action, allow=verb == "allow")
