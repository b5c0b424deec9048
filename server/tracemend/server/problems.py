"""Ways in which one request can end without a result, each with its error code of JSON-RPC or LSP.

A feature raises one of these; the protocol layer makes the answer. The text goes to the client, so it holds a sentence
for the user and never a traceback. Every other exception is a defect of ours: it is logged in full and answered with
`INTERNAL_ERROR` and nothing else.
"""

from __future__ import annotations

# JSON-RPC 2.0, section 5.1, and LSP 3.17, "Base Protocol", ErrorCodes and LSPErrorCodes.
PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
REQUEST_CANCELLED = -32800


class RequestProblem(Exception):
    """A request that is answered with an error; `code` is one of the above."""

    code = REQUEST_FAILED

    def __init__(self, sentence: str, code: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if code is not None:
            self.code = code


class InvalidParams(RequestProblem):
    """The parameters do not have the shape that the method asks for."""

    code = INVALID_PARAMS


class RequestFailed(RequestProblem):
    """The request is well formed and cannot be served as things stand."""

    code = REQUEST_FAILED


class Cancelled(Exception):
    """The job was cancelled, by the client or by us; whoever knows why makes the answer."""
