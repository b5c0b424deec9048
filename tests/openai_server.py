"""A real HTTP server on loopback that speaks the OpenAI protocol and behaves as a script says.

    with OpenAIServer(lambda asked: "the answer") as server:
        endpoint = Endpoint(ModelSettings(server.base_url, "scripted"), ...)

A script sees each request as `Asked` and returns what to do: a text, a `Say` with details of how it is said, a `Fail`
with an HTTP status, or `Raw` bytes. `FAULTS` has the faults by name, `Author` a model of known quality, and `Traits`
what kind of server this is: which fields and routes it knows, as measured on real ones (vLLM, llama.cpp, transformers).
"""

from __future__ import annotations

import json
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

MODEL = "scripted"
STANDARD_FIELDS = frozenset(
    [
        "model",
        "messages",
        "prompt",
        "suffix",
        "max_tokens",
        "temperature",
        "stop",
        "seed",
        "stream",
        "stream_options",
        "top_p",
        "n",
    ]
)


@dataclass(frozen=True)
class Asked:
    """One request. `ordinal` counts the questions, from 0; the names of headers are in lower case."""

    path: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]
    ordinal: int

    @property
    def is_chat(self) -> bool:
        return self.path.endswith("/chat/completions")

    @property
    def text(self) -> str:
        """All that was said to the model."""
        if not self.is_chat:
            return str(self.body.get("prompt", ""))
        return "\n".join(str(turn["content"]) for turn in self.body["messages"])


@dataclass(frozen=True)
class Say:
    """A text and how it is said. `cut_after` so many characters the connection breaks; `endless` text repeats for ever."""

    text: str
    finish: str = "stop"
    usage: tuple[int, int] | None = (10, 5)  # None: the server does not say.
    piece: int = 4
    delay_s: float = 0.0
    first_delay_s: float = 0.0
    cut_after: int | None = None
    endless: bool = False


@dataclass(frozen=True)
class Fail:
    """An HTTP error with the body that OpenAI's errors have."""

    status: int
    message: str = "scripted failure"
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Raw:
    """Any bytes with status 200."""

    body: bytes
    content_type: str = "text/event-stream"


Behaviour = str | Say | Fail | Raw
Script = Callable[[Asked], Behaviour]
Interference = Callable[
    [int, str], Behaviour | None
]  # Of the number and path of any POST, before a server looks at it.

FAULTS: Mapping[str, Behaviour] = {
    "401": Fail(401, "Incorrect API key provided", "invalid_api_key"),
    "404 model": Fail(404, "The model does not exist", "model_not_found"),
    "429": Fail(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "0.01"}),
    "429 for long": Fail(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "3600"}),
    "500": Fail(500, "Internal server error", headers={"Retry-After": "0.01"}),
    "slow first byte": Say("too late", first_delay_s=5.0),
    "cut": Say("half an answer", cut_after=6),
    "cut at once": Say("never seen", cut_after=0),
    "invalid JSON": Raw(b"data: {not json\n\n"),
    "error in the stream": Raw(b'data: {"error": {"message": "out of memory"}}\n\n'),
    "another shape": Raw(b'data: ["a", "list"]\n\ndata: [DONE]\n\n'),
    "web page": Raw(b"<html>Sign in</html>", "text/html"),
    "empty": Say(""),
    "endless": Say("again and again\n", endless=True, usage=None),
}


@dataclass(frozen=True)
class Traits:
    """What kind of server this is."""

    models: tuple[str, ...] = (MODEL,)
    key: str = ""  # Wanted as a bearer token, if not empty.
    streams: bool = True
    refuses_unknown: bool = False  # With 422, as transformers does; else they are ignored.
    refuses: frozenset[str] = frozenset()  # Fields that get a 400 which names them.
    has_completions: bool = True
    prefill: Literal["none", "continue_final_message", "prefix", "echo"] = "none"
    regex: bool = False  # vLLM's `structured_outputs`
    dispatch: bool = False  # its structural tags that wait for a text
    grammar: bool = False  # llama.cpp's `grammar`
    lazy_grammar: bool = False  # its `grammar_lazy`; else a grammar is one of the whole answer
    logprobs: bool = False
    suffix: bool = False
    tokenizer: str = ""  # Its path, beside /v1.
    plugin: bool = False
    hangs_up: bool = False  # Behind each stream, without a word and only when asked again: the worst moment.


@dataclass
class Author:
    """A model of known quality: right with `correct`, plausible but wrong with `wrong`, malformed with the rest.

    What it says is drawn anew for each request, by a generator of its own, so that a run can be repeated.
    """

    right: Callable[[Asked], str]
    plausible: Callable[[Asked], str]
    correct: float
    wrong: float
    malformed: Callable[[Asked], str] = lambda asked: "I think ```python\ndef (:\n"
    seed: int = 0
    drawn: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def __call__(self, asked: Asked) -> Behaviour:
        with self._lock:
            luck = self._random.random()
            kind = (
                "right"
                if luck < self.correct
                else "wrong"
                if luck < self.correct + self.wrong
                else "malformed"
            )
            self.drawn.append(kind)
        return {"right": self.right, "wrong": self.plausible, "malformed": self.malformed}[kind](asked)


class OpenAIServer:
    """The server, from `with` to the end of the block. `asked` has every question, `hung_up` those that were broken off."""

    def __init__(
        self, script: Script | Behaviour, traits: Traits = Traits(), *, meets: Interference | None = None
    ) -> None:
        self.script: Script = script if callable(script) else lambda asked: script
        self.traits = traits
        self.meets: Interference = meets or (lambda number, path: None)
        self.posts = 0
        self.asked: list[Asked] = []
        self.hung_up: list[Asked] = []
        self.somebody_hung_up = threading.Event()
        self.most_at_once = 0
        self.pieces_sent = 0  # Of streams, those included that nobody waited for.
        self._at_once = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    def __enter__(self) -> Self:
        server = self

        class Handler(_Handler):
            owner = server

        self._http = _QuietServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    def note(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Asked:
        with self._lock:
            asked = Asked(path, body, headers, len(self.asked))
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        return asked

    def interference(self, path: str) -> Behaviour | None:
        """Return what the next POST meets instead of the server."""
        with self._lock:
            number, self.posts = self.posts, self.posts + 1
        return self.meets(number, path)

    def done(self) -> None:
        with self._lock:
            self._at_once -= 1

    def note_hung_up(self, asked: Asked) -> None:
        self.hung_up.append(asked)
        self.somebody_hung_up.set()

    def sleep(self, seconds: float) -> None:
        """Wait, but not beyond the end of the server."""
        self._stopping.wait(seconds)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()


def refused_url() -> str:
    """Return an address where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/v1"


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of what a script does wrong, not of clients that leave."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIServer
    protocol_version = "HTTP/1.1"
    is_done = False
    disable_nagle_algorithm = (
        True  # Else each of the small writes waits for the client to have acknowledged the last one.
    )

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self._is_unauthorized():
            self._fail(FAULTS["401"])
        elif self.path.endswith("/models"):
            served = [{"id": name, "object": "model"} for name in self.owner.traits.models]
            self._send(200, {"object": "list", "data": served})
        else:
            self._fail(Fail(404, "Not Found"))

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_done:
            self.close_connection = True
            return
        if not data:  # The client hung up before it had asked.
            self.close_connection = True
            return
        met = self.owner.interference(self.path)
        if met is not None:
            self._behave(
                Asked(self.path, json.loads(data), {}, -1), Say(met) if isinstance(met, str) else met
            )
            return
        body = json.loads(data)
        traits = self.owner.traits
        if traits.tokenizer and self.path == traits.tokenizer:
            self._send(200, {"tokens": list(str(body.get("prompt") or body.get("content")).encode())})
            return
        asked = self.owner.note(
            self.path, body, {name.lower(): value for name, value in self.headers.items()}
        )
        try:
            behaviour = self._objection(asked) or _constrained(asked, traits) or self.owner.script(asked)
            self._behave(asked, _repeated(asked, behaviour, traits))
        except (BrokenPipeError, ConnectionResetError):
            self.owner.note_hung_up(asked)
            self.close_connection = True
        finally:
            self.owner.done()

    def _is_unauthorized(self) -> bool:
        key = self.owner.traits.key
        return bool(key) and self.headers.get("Authorization") != f"Bearer {key}"

    def _objection(self, asked: Asked) -> Fail | None:
        """Return how a server of these traits refuses the request, if it does."""
        traits, body = self.owner.traits, asked.body
        if self._is_unauthorized():
            return Fail(401, "Incorrect API key provided")
        if not asked.path.endswith("/completions") or (not asked.is_chat and not traits.has_completions):
            return Fail(404, "Not Found")
        if body.get("model") not in traits.models:
            return Fail(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
        unknown = sorted(set(body) - STANDARD_FIELDS)
        if traits.refuses_unknown and (unknown or "stream_options" in body):
            return Fail(422, f"Unexpected fields: {unknown}" if unknown else "Unexpected fields")
        for name in sorted(traits.refuses & set(body)):
            instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
            return Fail(400, f"Unsupported parameter: '{name}'.{instead}")
        if "suffix" in body and not traits.suffix:
            return Fail(400, "suffix is not currently supported")
        if (
            traits.plugin
            and "tracemend" in str(body.get("vllm_xargs", ""))
            and "?" in str(body["vllm_xargs"])
        ):
            return Fail(400, "tracemend_table begins with neither 'zlib:' nor 'sha256:'")
        return None

    def _behave(self, asked: Asked, behaviour: Say | Fail | Raw) -> None:
        if isinstance(behaviour, Fail):
            self._fail(behaviour)
        elif isinstance(behaviour, Raw):
            self._bytes(200, behaviour.body, behaviour.content_type)
        elif asked.body.get("stream") and self.owner.traits.streams:
            self._stream(asked, behaviour)
        else:
            self.owner.sleep(behaviour.first_delay_s)
            self._send(200, _whole(asked, behaviour, self.owner.traits))

    def _stream(self, asked: Asked, say: Say) -> None:
        self.owner.sleep(say.first_delay_s)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in _pieces(say):
            if self.owner.is_stopping:
                return
            self.owner.pieces_sent += 1
            self._event(_chunk(asked, piece, logprobs=self.owner.traits.logprobs))
            if say.delay_s:
                time.sleep(say.delay_s)
        if say.cut_after is not None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._event(_chunk(asked, "", finish=say.finish))
        if say.usage and (asked.body.get("stream_options") or {}).get("include_usage"):
            self._event(
                {"model": asked.body["model"], "choices": [], "usage": _usage(asked, say, self.owner.traits)}
            )
        self._chunked(b"data: [DONE]\n\n")
        self._chunked(b"")
        self.is_done = self.owner.traits.hangs_up

    def _event(self, content: object) -> None:
        self._chunked(b"data: " + json.dumps(content).encode() + b"\n\n")

    def _chunked(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _fail(self, fail: Behaviour) -> None:
        assert isinstance(fail, Fail)
        error = {"message": fail.message, "type": "scripted", "code": fail.code or None}
        self._send(fail.status, {"error": error}, fail.headers)

    def _send(self, status: int, content: object, headers: Mapping[str, str] | None = None) -> None:
        self._bytes(status, json.dumps(content).encode(), "application/json", headers)

    def _bytes(
        self, status: int, body: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Type": content_type}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _constrained(asked: Asked, traits: Traits) -> Say | None:
    """Follow a constraint that allows one text only, as the probe asks for."""
    outputs = asked.body.get("structured_outputs") or {}
    regex = outputs.get("regex", "") if traits.regex else ""
    tag = json.loads(outputs.get("structural_tag", "{}")) if traits.dispatch else {}
    constant = tag.get("format", {}).get("elements", [{}])[0].get("value", "")
    grammar = str(asked.body.get("grammar", "")) if traits.grammar else ""
    wanted = regex or constant or grammar.partition('"')[2].partition('"')[0]
    is_asleep = traits.lazy_grammar and asked.body.get("grammar_lazy")
    return Say(("asleep, " if is_asleep else "") + wanted) if wanted.isalnum() else None


def _pieces(say: Say) -> Iterator[str]:
    text = say.text if say.cut_after is None else say.text[: say.cut_after]
    while True:
        for start in range(0, len(text), say.piece):
            yield text[start : start + say.piece]
        if not say.endless:
            return


def _chunk(asked: Asked, text: str, finish: str | None = None, *, logprobs: bool = False) -> dict[str, Any]:
    said: dict[str, Any] = {"delta": {"content": text}} if asked.is_chat else {"text": text}
    if logprobs and "logprobs" in asked.body:
        said["logprobs"] = {"tokens": [text]}
    return {"model": asked.body["model"], "choices": [{"index": 0, **said, "finish_reason": finish}]}


def _whole(asked: Asked, say: Say, traits: Traits) -> dict[str, Any]:
    turn = {"role": "assistant", "content": say.text}
    choice: dict[str, Any] = {"message": turn} if asked.is_chat else {"text": say.text}
    if traits.logprobs and "logprobs" in asked.body:
        choice["logprobs"] = {"tokens": [say.text]}
    answer = {"model": asked.body["model"], "choices": [{"index": 0, **choice, "finish_reason": say.finish}]}
    return answer | ({"usage": _usage(asked, say, traits)} if say.usage else {})


def _repeated(asked: Asked, behaviour: Behaviour, traits: Traits) -> Say | Fail | Raw:
    """Put in front what a server that repeats the beginning of the assistant's turn puts there."""
    say = Say(behaviour) if isinstance(behaviour, str) else behaviour
    last = asked.body["messages"][-1] if asked.path.endswith("/chat/completions") else {}
    if traits.prefill == "echo" and last.get("role") == "assistant" and isinstance(say, Say):
        return replace(say, text=str(last["content"]) + say.text)
    return say


def _usage(asked: Asked, say: Say, traits: Traits) -> dict[str, int]:
    """Return the scripted counts; the prompt's differs by what a server would really put there, or leave out."""
    assert say.usage is not None
    prompt, completion = say.usage
    prompt += len(str(asked.body.get("suffix", "")))
    is_marked = asked.is_chat and asked.body["messages"][-1].get("prefix")
    continues = "prefix" if is_marked else "continue_final_message"
    if traits.prefill == continues and (is_marked or asked.body.get("continue_final_message")):
        prompt -= 3  # No end of turn, no new one.
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
