"""`tracemend lsp`: the language server, on standard input and output unless told otherwise."""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from tracemend.repair.runner.environment import EnvironmentProblem
from tracemend.server.transport import (
    Transport,
    is_loopback,
    stdio_transport,
    tcp_transport,
    websocket_transport,
)

from .errors import exit_code_of

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

LogLevel = Literal["error", "warning", "info", "debug"]


def lsp(
    stdio: Annotated[
        bool, typer.Option("--stdio", help="Use standard input and output, as without any option.")
    ] = False,
    tcp: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Wait for one TCP connection there instead.")
    ] = None,
    ws: Annotated[
        str | None, typer.Option(metavar="HOST:PORT", help="Wait for one WebSocket connection there instead.")
    ] = None,
    allow_remote: Annotated[
        bool,
        typer.Option(
            "--allow-remote",
            help="Let --tcp and --ws listen where other machines can connect, and run code here.",
        ),
    ] = False,
    log_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the log there instead of to stderr.")
    ] = None,
    log_level: Annotated[LogLevel, typer.Option(help="What to log.")] = "warning",
) -> None:
    """Serve an editor by the Language Server Protocol.

    Exit code 0: the editor said goodbye as it should. 1: it did not. 2: the server could not start.
    """
    code = exit_code_of(lambda: _serve(tcp, ws, allow_remote, log_file, log_level))
    # Everything has been closed that could be. What is left, such as a thread that waits for the editor's pipe, must
    # not keep the process alive behind an editor that is gone.
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)


def chosen_transport(tcp: str | None, ws: str | None, allow_remote: bool) -> Transport:
    """Return the transport that the options ask for, once somebody is connected. Raises `EnvironmentProblem`."""
    if tcp is not None and ws is not None:
        raise EnvironmentProblem("--tcp and --ws exclude each other.", "Choose one of them.")
    if tcp is not None:
        return tcp_transport(*_address("--tcp", tcp, allow_remote))
    if ws is not None:
        return websocket_transport(*_address("--ws", ws, allow_remote))
    return stdio_transport()


def _serve(
    tcp: str | None, ws: str | None, allow_remote: bool, log_file: Path | None, log_level: LogLevel
) -> int:
    _start_log(log_file, log_level)
    transport = chosen_transport(tcp, ws, allow_remote)
    from tracemend.server.app import serve  # Takes half a second, which a wrong option should not cost.

    return serve(transport)


def _address(option: str, text: str, allow_remote: bool) -> tuple[str, int]:
    """Return host and port. Raises `EnvironmentProblem` for what is none, or is open to other machines."""
    match = re.fullmatch(r"(?:\[(?P<six>[0-9a-fA-F:]+)\]|(?P<host>[^:\[\]]+)):(?P<port>\d{1,5})", text)
    if match is None or int(match["port"]) > 65535:
        raise EnvironmentProblem(
            f"{option} takes HOST:PORT, not {text!r}.",
            "For example 127.0.0.1:9257, or port 0 for any free one.",
        )
    host = match["six"] or match["host"]
    if not is_loopback(host) and not allow_remote:
        raise EnvironmentProblem(
            f"At {text} other machines could connect, and whoever connects can run code on this one.",
            "Use 127.0.0.1, or add --allow-remote if you are sure.",
        )
    return host, int(match["port"])


def _start_log(log_file: Path | None, log_level: LogLevel) -> None:
    """Log to stderr or to a file. Messages of the protocol are never logged, for they hold the user's documents."""
    try:
        handler = logging.FileHandler(log_file, encoding="utf-8") if log_file else logging.StreamHandler()
    except OSError as error:
        raise EnvironmentProblem(
            f"The log cannot be written to {log_file}: {error.strerror}.",
            "Name another file with --log-file.",
        ) from error
    logging.basicConfig(format=LOG_FORMAT, level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("tracemend").setLevel(log_level.upper())
