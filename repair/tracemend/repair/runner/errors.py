"""What can keep a runner from working, each with a sentence that tells the user what to do."""

from __future__ import annotations


class RunnerError(Exception):
    """The project's tests cannot be run; the text says what to do about it."""


class NoPytest(RunnerError):
    """The project's interpreter has no pytest."""


class OldPytest(RunnerError):
    """The project's pytest is older than 7."""


class UnusableInterpreter(RunnerError):
    """The interpreter does not start, or is older than Python 3.9."""


class UsageError(RunnerError):
    """pytest refused its command line or configuration, or a conftest file is broken."""


class StartupTimeout(RunnerError):
    """Importing and collecting took longer than allowed."""


class SandboxMissing(RunnerError):
    """A sandbox was required and this system does not give one."""


class RequestFailed(RunnerError):
    """A trace or an observation did not come to its end; `ended` says how."""

    def __init__(self, ended: str, problem: str) -> None:
        super().__init__(problem or ended)
        self.ended = ended
