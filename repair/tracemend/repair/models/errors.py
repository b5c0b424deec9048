"""What can go wrong with a model, one class for each thing that the caller or the user does differently.

Every message is a sentence and a next step for the user. None of them holds a key or the text of a prompt.
"""

from __future__ import annotations


class ModelError(Exception):
    """A model gave no answer. Whoever asked goes on without one: everything works without a model."""


class Refused(ModelError):
    """Nobody listens at the address, or its name is not known."""


def nobody_answers(base_url: str) -> Refused:
    """Return what is told where nobody listens."""
    return Refused(f"Nobody answers at {base_url}. Start the server there, or correct the address.")


class Unauthorized(ModelError):
    """The endpoint wants another key, or one at all."""


class NoSuchModel(ModelError):
    """The endpoint does not serve the model, or nothing at all under this address."""


class RateLimited(ModelError):
    """The endpoint asked to wait, for longer or more often than we are willing to."""


class ServerFault(ModelError):
    """The endpoint failed, again and again."""


class BadAnswer(ModelError):
    """The endpoint answered, but not what the protocol says, or refused what we asked in these words."""


class TimedOut(ModelError):
    """No answer, or no more of it, within the time."""


class Cancelled(ModelError):
    """The caller's event was set; the connection is closed, so that nothing more is generated or billed."""


class BudgetSpent(ModelError):
    """The question could have exceeded a cap, so it was not asked."""


class NotOnTape(ModelError):
    """A replayed conversation asked something that was not recorded."""
