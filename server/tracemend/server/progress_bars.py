"""Progress that the editor shows (LSP 3.17, "Work Done Progress").

A bar is made when there is something to tell, not before: most jobs are over before anyone could read it. With a token
of the client it begins at once; else one is asked for, if the client can show it, and what is reported until then is
shown in its first message. Reports are thinned out to what an eye can follow. Event loop only.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

from lsprotocol import types

from .link import Link

Token = int | str

MIN_INTERVAL_S = 0.1
MAX_MESSAGE = 200


class ProgressBars:
    """All bars by their token, for the cancel button of each."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._numbers = itertools.count(1)
        self._open: dict[Token, Bar] = {}
        self.supported = False  # Whether the client takes `window/workDoneProgress/create`.

    def bar(self, title: str, on_cancel: Callable[[], None], token: Token | None = None) -> Bar:
        """Return a bar that nobody sees until something is reported; `token` is the client's, if it sent one."""
        return Bar(self, self._link, title, on_cancel, token)

    def cancel(self, token: Token) -> None:
        """Carry out what the user asked for; a bar that is gone is no matter."""
        if token in self._open:
            self._open[token].on_cancel()

    def new_token(self, bar: Bar) -> Token:
        """Return a token that was never used, and remember whose it is."""
        token = f"tracemend-{next(self._numbers)}"
        self._open[token] = bar
        return token

    def remember(self, token: Token, bar: Bar) -> None:
        """Remember whose token of the client this is."""
        self._open[token] = bar

    def forget(self, token: Token) -> None:
        """Forget a bar that has ended."""
        self._open.pop(token, None)


class Bar:
    """One bar, from its first report to `end`."""

    def __init__(
        self, bars: ProgressBars, link: Link, title: str, on_cancel: Callable[[], None], token: Token | None
    ) -> None:
        self._bars = bars
        self._link = link
        self._title = title
        self.on_cancel = on_cancel
        self._token = token
        self._begun = False
        self._asked = False
        self._ended = False
        self._last: tuple[str, float | None] = ("", None)
        self._last_at = 0.0

    def report(self, message: str, fraction: float | None = None) -> None:
        """Show how far the work is."""
        if self._ended:
            return
        self._last = (message[:MAX_MESSAGE], fraction)
        if self._begun:
            self._send_report()
        elif self._token is not None:
            self._bars.remember(self._token, self)
            self._begin()
        elif self._bars.supported and not self._asked:
            self._asked = True
            self._token = self._bars.new_token(self)
            params = types.WorkDoneProgressCreateParams(token=self._token)
            self._link.request_then(
                types.WINDOW_WORK_DONE_PROGRESS_CREATE, params, lambda result: self._begin()
            )

    def end(self) -> None:
        """Take the bar away."""
        if self._ended:
            return
        self._ended = True
        if self._begun:
            self._send(types.WorkDoneProgressEnd())
        if self._token is not None:
            self._bars.forget(self._token)

    def _begin(self) -> None:
        if self._begun or self._ended:
            return
        self._begun = True
        message, fraction = self._last
        self._last_at = time.monotonic()
        self._send(
            types.WorkDoneProgressBegin(
                self._title, cancellable=True, message=message, percentage=_percentage(fraction)
            )
        )

    def _send_report(self) -> None:
        now = time.monotonic()
        if now - self._last_at < MIN_INTERVAL_S:
            return
        self._last_at = now
        message, fraction = self._last
        self._send(
            types.WorkDoneProgressReport(cancellable=True, message=message, percentage=_percentage(fraction))
        )

    def _send(
        self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd
    ) -> None:
        assert self._token is not None, "A bar that has begun has a token."
        self._link.notify(types.PROGRESS, types.ProgressParams(token=self._token, value=value))


def _percentage(fraction: float | None) -> int | None:
    return None if fraction is None else max(0, min(100, int(100 * fraction)))
