"""The one place where problems become words and exit codes.

What the user can mend is told as a sentence and a next step. What they cannot, a defect of ours, is told in one line,
with the traceback in a log file that they can send us. Either way the exit code is 2 and no traceback is shown.
"""

from __future__ import annotations

import functools
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import typer

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.repair.runner.errors import RunnerError

Parameters = ParamSpec("Parameters")

EXIT_OK = 0
EXIT_FAILURES_REMAIN = 1
EXIT_PROBLEM = 2


def reported(command: Callable[Parameters, int]) -> Callable[Parameters, None]:
    """Make a command that returns its exit code out of one that may raise; problems are reported on stderr."""

    @functools.wraps(command)
    def guarded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        raise typer.Exit(exit_code_of(lambda: command(*args, **kwargs)))

    # typer reads the options from the signature, and the exit code is not its business.
    guarded.__annotations__ = {**command.__annotations__, "return": None}
    return guarded


def exit_code_of(action: Callable[[], int]) -> int:
    """Run `action` and return its exit code, or 2 after reporting what went wrong."""
    try:
        return action()
    except EnvironmentProblem as problem:
        say(f"{problem.sentence}\n{problem.next_step}")
    except RunnerError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("Stopped.")
        return EXIT_FAILURES_REMAIN
    except BrokenPipeError:
        _silence_stdout()
    except Exception as error:  # noqa: BLE001 - the one door for defects of ours, which are logged in full.
        say(
            f"Something went wrong inside tracemend ({type(error).__name__}: {str(error)[:200]}).\n"
            f"The details are in {write_log(error)}; please report them."
        )
    return EXIT_PROBLEM


def say(text: str) -> None:
    """Print a message for the user on stderr. What a project or an endpoint put into it cannot steer the terminal."""
    from .terminal import printable  # Which loads rich, for the few runs that have something to say.

    print(f"tracemend: {printable(text)}", file=sys.stderr, flush=True)


def write_log(error: BaseException) -> Path:
    """Write the traceback of `error` to a file of its own and return its path."""
    text = "".join(traceback.format_exception(error))
    for directory in (_state_directory(), Path(tempfile.gettempdir())):
        path = directory / f"tracemend-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
        try:
            directory.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", "backslashreplace")
        except OSError:
            continue  # A home that cannot be written to is no reason to lose the details.
        return path
    sys.stderr.write(text)
    return Path("the lines above")


def _state_directory() -> Path:
    """The XDG base directory for logs and other state."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "tracemend"


def _silence_stdout() -> None:
    """Keep the interpreter from complaining, at exit, that a reader such as `head` has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
