"""Chat bots whose methods answer to words. A bot can do what its parent can, and more."""


def action(word):
    """Mark a method as the answer to a word."""

    def mark(method):
        method.action_word = word
        return method

    return mark


class Bot:
    """The base of all bots. `actions` maps each word to the name of the method that answers it."""

    actions = {}

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        for name, member in list(vars(cls).items()):
            word = getattr(member, "action_word", None)
            if word is not None:
                cls.actions[word] = name

    def __init__(self, owner):
        self.owner = owner

    def reply(self, message):
        """The answer to a message, whose first word says what to do."""
        word, _, rest = message.strip().partition(" ")
        name = self.actions.get(word.lower())
        if name is None:
            return f"I only know: {', '.join(sorted(self.actions)) or 'nothing'}"
        return getattr(self, name)(rest.strip())
