"""From a request to the function that answers it.

Fast features run here and now; their answer leaves before the next message is read, so nothing they saw can have
changed. Slow ones become a job on the snapshot of this moment. Either way the request is answered once, by the result,
by what was raised, or by the cancelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from .features.registry import Feature, Registry
from .jobs import Job
from .link import Link
from .problems import InvalidParams
from .progress_bars import ProgressBars
from .protocol import Request, method_not_found
from .session import Session

PROGRESS_TITLE = "tracemend"


class Dispatcher:
    """Finds the feature for a message and calls it."""

    def __init__(self, registry: Registry, session: Session, link: Link, bars: ProgressBars) -> None:
        self._registry = registry
        self._session = session
        self._link = link
        self._bars = bars

    def request(self, request: Request, params: Any) -> None:
        """Have `request` answered. What is raised becomes its answer."""
        if request.method == types.WORKSPACE_EXECUTE_COMMAND:
            feature = self._registry.commands.get(params.command)
            if feature is None:
                raise InvalidParams(f"There is no command {params.command[:100]!r}.")
            self._call(request, feature, tuple(params.arguments or ()), params)
            return
        feature = self._registry.requests.get(request.method)
        if feature is None:
            raise method_not_found(request.method)
        self._call(request, feature, params, params)

    def notification(self, method: str, params: Any) -> None:
        """Let the feature for `method` hear the notification; one for which there is none is no matter."""
        feature = self._registry.notifications.get(method)
        if feature is not None:
            feature.handler(self._session, self._session.snapshot(), params)

    def _call(self, request: Request, feature: Feature, arguments: Sequence[Any] | Any, params: Any) -> None:
        snapshot = self._session.snapshot()
        if not feature.slow:
            request.succeed(feature.handler(self._session, snapshot, arguments))
            return
        token = getattr(params, "work_done_token", None)
        bar = self._bars.bar(PROGRESS_TITLE, request.cancel, token)

        def report(message: str, fraction: float | None) -> None:
            self._link.on_loop(lambda: bar.report(message, fraction))

        def finish(result: Any, error: BaseException | None) -> None:
            bar.end()
            if error is None:
                request.succeed(result)
            else:
                request.fail(error)

        job = request.job = Job(request.method, report)
        self._session.jobs.start(
            job,
            lambda: feature.handler(self._session, snapshot, arguments, job),
            lambda result, error: self._link.on_loop(lambda: finish(result, error)),
        )
