"""JSON-RPC and the life cycle of LSP, with one promise: **each request gets exactly one answer**, whatever happens.

The parts come from lsprotocol (types, converter) and pygls (`ServerCapabilitiesBuilder`, used by `app`). pygls' own
dispatch is not used, because measured over the wire it answers a request with malformed params never, runs a cancelled
command on to its end, forgets its answers when several are in flight at shutdown, shows every stumble in a pop-up,
sends tracebacks to the client and logs what documents contain. What is done instead:

=============================  ======================================================================================
a message that is no JSON      -32700 with `id: null` (JSON-RPC 2.0, section 5.1)
params of the wrong shape      -32602, a notification is dropped; the place that is wrong is told, its value is not
before `initialize`            -32002, notifications are dropped (LSP 3.17, "Initialize Request")
a second `initialize`          -32600; as is every request after `shutdown`, and one that reuses the id of a running one
`$/cancelRequest`              -32800 at once; the job is cancelled and its late result dropped. Unasked only at the end
an exception in a feature      -32603 without traceback or paths; the log has them
`exit`                         code 0 after `shutdown`, else 1, with whatever is still in flight
=============================  ======================================================================================

`Protocol` is owned by the event loop; nothing here blocks, and nothing here knows what a document is.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from enum import Enum
from typing import Any, Literal
from typing import Protocol as Interface

from cattrs import Converter, transform_error
from lsprotocol import converters, types

from .jobs import Job
from .problems import (
    INTERNAL_ERROR,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    REQUEST_CANCELLED,
    SERVER_NOT_INITIALIZED,
    Cancelled,
    InvalidParams,
    RequestProblem,
)

logger = logging.getLogger(__name__)

MessageId = int | str
State = Literal["new", "running", "shut down"]


class Endpoint(Interface):
    """Who serves the messages. All methods are called on the event loop and must return soon."""

    def initialize(self, params: types.InitializeParams) -> types.InitializeResult:
        """Begin."""

    def request(self, request: Request, params: Any) -> None:
        """See to it that `request` is answered, now or later. What is raised becomes the answer."""

    def notification(self, method: str, params: Any) -> None:
        """Hear a notification. What is raised is logged."""

    def malformed_notification(self, method: str, params: Any) -> None:
        """Hear that a notification was dropped because of its params, which are given as they came."""

    def shutdown(self) -> None:
        """End all work; the answer is sent after this returns."""

    def exit(self, code: int) -> None:
        """Leave."""


class Request:
    """A request of the client until it is answered. Event loop only."""

    def __init__(self, protocol: Protocol, message_id: MessageId, method: str) -> None:
        self._protocol = protocol
        self.id = message_id
        self.method = method
        self.job: Job | None = None  # What to cancel with it.
        self.answered = False

    def succeed(self, result: Any) -> None:
        """Answer with `result`; does nothing if an answer has gone out."""
        if not self.answered:
            self.answered = True
            self._protocol.send_result(self, result)

    def fail(self, error: BaseException) -> None:
        """Answer with what `error` says to the client; does nothing if an answer has gone out."""
        if not self.answered:
            self.answered = True
            self._protocol.send_error(self, error)

    def cancel(self) -> None:
        """Do what the client asked for: answer now, end the work, drop what it still brings."""
        self.fail(RequestProblem("The request was cancelled.", REQUEST_CANCELLED))
        if self.job is not None:
            self.job.cancel()


class Protocol:
    """Messages in, messages out."""

    def __init__(self, send: Callable[[bytes], None], endpoint: Endpoint) -> None:
        self._send_body = send
        self._endpoint = endpoint
        self._converter = _strict_converter()
        self._state: State = "new"
        self._running: dict[MessageId, Request] = {}
        self._asked: dict[MessageId, tuple[str, Future[Any]]] = {}
        self._next_id = 0

    @property
    def exit_code(self) -> int:
        """The code to leave with if the client left now (LSP 3.17, "Exit Notification")."""
        return 0 if self._state == "shut down" else 1

    def receive(self, body: bytes) -> None:
        """Deal with one message of the client."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._send_refusal(None, PARSE_ERROR, "The message is not JSON.")
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._send_refusal(None, INVALID_REQUEST, "The message is not a JSON-RPC 2.0 object.")
            return
        method, message_id = message.get("method"), message.get("id")
        if isinstance(method, str) and message_id is None:
            self._receive_notification(method, message.get("params"))
        elif isinstance(method, str) and isinstance(message_id, int | str):
            self._receive_request(message_id, method, message.get("params"))
        elif method is None and ("result" in message or "error" in message):
            self._receive_answer(message_id, message)
        else:
            self._send_refusal(
                None, INVALID_REQUEST, "The message is neither request, answer nor notification."
            )

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"jsonrpc": "2.0", "method": method, "params": self._plain(params)})

    def ask(self, method: str, params: Any) -> Future[Any]:
        """Send a request to the client; the future holds its result or a `RequestProblem`.

        Whoever gives up cancels the future, and the client is told.
        """
        self._next_id += 1
        message_id, future = self._next_id, Future[Any]()
        self._asked[message_id] = (method, future)
        self._send({"jsonrpc": "2.0", "id": message_id, "method": method, "params": self._plain(params)})
        return future

    def abandon(self, future: Future[Any]) -> None:
        """Stop waiting for the answer that `future` stands for."""
        for message_id, (_, asked) in list(self._asked.items()):
            if asked is future:
                del self._asked[message_id]
                self.notify(types.CANCEL_REQUEST, types.CancelParams(id=message_id))
        future.cancel()

    def send_result(self, request: Request, result: Any) -> None:
        """Send the answer of `request`; one that cannot be written as JSON is a defect and told as such."""
        response_type = types.METHOD_TO_TYPES.get(request.method, (None, None))[1]
        try:
            if response_type is None:
                plain = self._plain(result)
            else:
                answer = response_type(id=request.id, result=result)
                plain = self._converter.unstructure(answer)["result"]
            body = _encoded({"jsonrpc": "2.0", "id": request.id, "result": plain})
        except Exception as error:  # noqa: BLE001 - logged and answered by `send_error`.
            self.send_error(request, error)
            return
        self._running.pop(request.id, None)
        self._send_body(body)

    def send_error(self, request: Request, error: BaseException) -> None:
        """Send the answer of a request that failed. The log gets what the client does not."""
        self._running.pop(request.id, None)
        if isinstance(error, RequestProblem):
            self._send_refusal(request.id, error.code, error.sentence)
        elif isinstance(error, Cancelled):
            self._send_refusal(request.id, RequestProblem.code, "The work was superseded by newer work.")
        else:
            logger.error("%s failed", request.method, exc_info=error)
            self._send_refusal(
                request.id, INTERNAL_ERROR, "Something went wrong; the server's log says what."
            )

    def end(self) -> None:
        """Answer what still runs, and give up what was asked: nothing will come any more.

        Whoever shuts the server down has cancelled what it does. Of all codes this is the one that no client shows to
        its user; Neovim 0.12 restarts servers with completions in flight.
        """
        for request in list(self._running.values()):
            request.fail(RequestProblem("The server is shutting down.", REQUEST_CANCELLED))
        for _, future in self._asked.values():
            future.cancel()
        self._asked.clear()

    def _receive_request(self, message_id: MessageId, method: str, params: Any) -> None:
        refusal = self._refusal_of(message_id, method)
        if refusal is not None:
            self._send_refusal(message_id, refusal.code, refusal.sentence)
            return
        request = self._running[message_id] = Request(self, message_id, method)
        try:
            self._serve(request, method, params)
        except Exception as error:  # noqa: BLE001 - the one door: whatever happens becomes the answer.
            request.fail(error)

    def _refusal_of(self, message_id: MessageId, method: str) -> RequestProblem | None:
        """Say why a request cannot be taken in the present state, if it cannot."""
        if message_id in self._running:
            return RequestProblem("A request with this id is running.", INVALID_REQUEST)
        if self._state == "shut down":
            return RequestProblem("The server is shutting down.", INVALID_REQUEST)
        if self._state == "running" and method == types.INITIALIZE:
            return RequestProblem("The server is initialized already.", INVALID_REQUEST)
        if self._state == "new" and method != types.INITIALIZE:
            return RequestProblem("The server is not initialized yet.", SERVER_NOT_INITIALIZED)
        return None

    def _serve(self, request: Request, method: str, params: Any) -> None:
        if method == types.INITIALIZE:
            result = self._endpoint.initialize(self._initialize_params(params))
            self._state = "running"
            request.succeed(result)
        elif method == types.SHUTDOWN:
            self._state = "shut down"
            self._endpoint.shutdown()
            request.succeed(None)
            self.end()
        else:
            self._endpoint.request(request, self._structured(method, params))

    def _receive_notification(self, method: str, params: Any) -> None:
        if method == types.EXIT:
            self._endpoint.exit(self.exit_code)
        elif self._state != "running":
            logger.info("%s was dropped: the server is %s.", method, self._state)
        elif method == types.CANCEL_REQUEST:
            self._cancel(params)
        else:
            self._hear(method, params)

    def _hear(self, method: str, params: Any) -> None:
        try:
            structured = self._structured(method, params)
        except InvalidParams as problem:
            logger.warning("%s was dropped: %s", method, problem.sentence)
            self._endpoint.malformed_notification(method, params)
            return
        try:
            self._endpoint.notification(method, structured)
        except Exception:
            logger.exception("%s could not be dealt with", method)

    def _cancel(self, params: Any) -> None:
        """Cancel a running request; one that is answered already, or never was, is no matter (LSP 3.17)."""
        message_id = params.get("id") if isinstance(params, Mapping) else None
        if isinstance(message_id, int | str) and message_id in self._running:
            self._running[message_id].cancel()

    def _receive_answer(self, message_id: Any, message: Mapping[str, Any]) -> None:
        method, future = (
            self._asked.pop(message_id, ("", None)) if isinstance(message_id, int | str) else ("", None)
        )
        if future is None or not future.set_running_or_notify_cancel():
            logger.info("An answer that nobody waits for was dropped.")
            return
        error = message.get("error")
        if error is not None:
            sentence = str(error.get("message", "")) if isinstance(error, Mapping) else ""
            future.set_exception(RequestProblem(f"The client refused {method}: {sentence[:300]}"))
            return
        try:
            future.set_result(self._structured_result(method, message.get("result")))
        except Exception as problem:  # noqa: BLE001 - whatever the converter stumbles over, it is a bad answer.
            future.set_exception(
                RequestProblem(f"The client's answer to {method} makes no sense: {_places(problem)}.")
            )

    def _structured(self, method: str, params: Any) -> Any:
        """Return the params as lsprotocol's type, or as they are where LSP has none. Raises `InvalidParams`."""
        params_type: Any = types.METHOD_TO_TYPES.get(method, (None, None, None))[2]
        if params_type is None:
            return params
        try:
            return self._converter.structure(params, params_type)
        except Exception as error:  # noqa: BLE001 - whatever the converter stumbles over, it stands in the params.
            raise InvalidParams(f"The params of {method} are malformed: {_places(error)}.") from None

    def _structured_result(self, method: str, result: Any) -> Any:
        response_type = types.METHOD_TO_TYPES.get(method, (None, None))[1]
        if response_type is None:
            return result
        return self._converter.structure({"jsonrpc": "2.0", "id": 0, "result": result}, response_type).result

    def _initialize_params(self, params: Any) -> types.InitializeParams:
        """Structure the params of `initialize` without the capabilities that we cannot read.

        A client newer than lsprotocol may have values that its types refuse; it shall be served all the same.
        """
        try:
            structured = self._structured(types.INITIALIZE, params)
        except InvalidParams:
            if not isinstance(params, Mapping) or not isinstance(params.get("capabilities"), Mapping):
                raise
            structured = self._structured(
                types.INITIALIZE, {**params, "capabilities": self._readable(params)}
            )
        assert isinstance(structured, types.InitializeParams)
        return structured

    def _readable(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the client's capabilities, less every one that lsprotocol does not take."""
        kept: dict[str, Any] = {}
        for group, members in params["capabilities"].items():
            if not isinstance(members, Mapping):
                continue
            good = {name: value for name, value in members.items() if self._takes({group: {name: value}})}
            kept[group] = good
        return kept

    def _takes(self, capabilities: Mapping[str, Any]) -> bool:
        try:
            self._converter.structure(capabilities, types.ClientCapabilities)
        except Exception:  # noqa: BLE001 - a yes or no.
            return False
        return True

    def _plain(self, value: Any) -> Any:
        return self._converter.unstructure(value)

    def _send_refusal(self, message_id: MessageId | None, code: int, sentence: str) -> None:
        self._send({"jsonrpc": "2.0", "id": message_id, "error": {"code": code, "message": sentence}})

    def _send(self, message: Mapping[str, Any]) -> None:
        self._send_body(_encoded(message))


def method_not_found(method: str) -> RequestProblem:
    """Return the answer to a request that nobody serves."""
    return RequestProblem(f"There is no method {method}.", METHOD_NOT_FOUND)


def _strict_converter() -> Converter:
    """Return lsprotocol's converter, made to refuse what it would convert: a number is no text, a text no number."""
    converter = converters.get_converter()

    def exactly(value: Any, wanted: type) -> Any:
        if issubclass(wanted, Enum):  # A hook for a type serves its subclasses as well.
            return wanted(value)
        if type(value) is not wanted:
            raise TypeError(f"expected {wanted.__name__}")
        return value

    converter.register_structure_hook(str, exactly)
    converter.register_structure_hook(int, exactly)
    return converter


def _encoded(message: Mapping[str, Any]) -> bytes:
    """Return `message` as JSON; lone surrogates, which Python strings may hold and UTF-8 may not, as escapes."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _places(error: Exception) -> str:
    """Say where params are wrong and what was expected there, without the values."""
    lines = transform_error(error, format_exception=_expectation)
    return "; ".join(lines[:3])


def _expectation(error: BaseException, expected: type | None) -> str:
    if isinstance(error, KeyError):
        return "something is missing"
    name = getattr(expected, "__name__", None)
    return f"expected {name}" if name else "unexpected value"
