"""Which function answers which method.

Three decorators register features when their module is imported::

    @request("textDocument/hover")
    def hover(session: Session, snapshot: Snapshot, params: HoverParams) -> Hover | None: ...

    @request("textDocument/codeAction", options=CodeActionOptions(resolve_provider=True), slow=True)
    def code_action(session: Session, snapshot: Snapshot, params: CodeActionParams, job: Job) -> list[CodeAction]: ...

    @command("tracemend.run")
    def run(session: Session, snapshot: Snapshot, arguments: Sequence[Any], job: Job) -> object: ...

    @notification("tracemend/pause")
    def pause(session: Session, snapshot: Snapshot, params: Any) -> None: ...

A *fast* feature runs on the event loop, between two messages, and must answer within milliseconds. A *slow* one runs in
a worker thread and takes a `Job`, which it asks between steps whether to go on. Both see one `Snapshot`; neither may
change the session, except through the methods of `Session` that say so.

Methods that LSP does not define (`tracemend/...`) get their params as plain JSON values, and answer with them. A feature
that cannot answer raises a `problems.RequestProblem`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Feature:
    """A function and how it is called. `options` go into the server's capabilities, as pygls' builder takes them."""

    method: str
    handler: Callable[..., Any]
    slow: bool
    options: Any = None


@dataclass(frozen=True, slots=True)
class Registry:
    """All features by the method, or the command, that they answer."""

    requests: dict[str, Feature] = field(default_factory=dict)
    commands: dict[str, Feature] = field(default_factory=dict)
    notifications: dict[str, Feature] = field(default_factory=dict)


REGISTRY = Registry()


def request(method: str, *, slow: bool = False, options: Any = None) -> Callable[[Handler], Handler]:
    """Let the decorated function answer requests for `method`."""
    return _registering(REGISTRY.requests, method, slow, options)


def command(name: str, *, slow: bool = True) -> Callable[[Handler], Handler]:
    """Let the decorated function carry out `workspace/executeCommand` for `name`; it gets the command's arguments."""
    return _registering(REGISTRY.commands, name, slow, None)


def notification(method: str) -> Callable[[Handler], Handler]:
    """Let the decorated function hear notifications of `method`; it runs on the event loop."""
    return _registering(REGISTRY.notifications, method, False, None)


def load_features() -> Registry:
    """Import every module of this package, and return what they registered."""
    for name in _feature_modules():
        importlib.import_module(name)
    return REGISTRY


def _registering(
    table: dict[str, Feature], method: str, slow: bool, options: Any
) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        assert method not in table, f"{method} is already answered by {table[method].handler.__name__}"
        table[method] = Feature(method, handler, slow, options)
        return handler

    return register


def _feature_modules() -> Iterator[str]:
    package = importlib.import_module(__package__ or "")
    for module in pkgutil.iter_modules(package.__path__):
        yield f"{package.__name__}.{module.name}"
