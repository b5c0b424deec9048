"""Decides about access on the grounds of a list of rules."""

from rules import parse_rule


class Policy:
    """Everything is forbidden unless a rule allows it; one denial is stronger than all permissions."""

    def __init__(self, text):
        self.rules = [parse_rule(line) for line in text.splitlines() if line.strip()]

    def permits(self, role, action):
        matching = [rule for rule in self.rules if rule.applies(role, action)]
        return bool(matching) and all(rule.allow for rule in matching)

    def actions(self, role, candidates):
        """Those of the actions that the role may do."""
        return [action for action in candidates if self.permits(role, action)]
