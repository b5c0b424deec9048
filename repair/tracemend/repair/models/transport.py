"""One request to an OpenAI-compatible endpoint, by the `openai` client, read piece by piece.

The client's own retries are off: each attempt is metered and cancelled like any other, see `endpoint`. This module and
`faults` are the only ones that import the client, which takes half a second; `endpoint` imports them when first needed.

What comes back may be hostile, or broken beyond what the protocol foresees: no redirect is followed, since text and keys
go where the user said and nowhere else, nothing compressed is unpacked, and what is read is bounded.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import openai

from .keys import host_of
from .meter import estimated_tokens
from .protocol import ModelSettings

CONNECT_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 32 * 1024 * 1024
MAX_COUNT = 1 << 31  # Of tokens, as an endpoint counts them.
ENDLESS_SLACK_TOKENS = 64
CHARACTERS_PER_TOKEN = 16  # At most, by our own estimate: of blanks.

Receiver = Callable[[str], object]


@dataclass(slots=True)
class Reply:
    """What has come so far; it grows while it is read, so that a broken answer is not lost."""

    text: str = ""
    finish_reason: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str = ""
    events: int = 0
    streamed: bool = False
    has_logprobs: bool = False
    is_endless: bool = False  # The endpoint went on beyond `max_tokens`.


class MalformedAnswer(ValueError):
    """The endpoint answered with something that has not the shape of an answer."""


class Transport:
    """A client of one endpoint."""

    def __init__(self, settings: ModelSettings, key: str) -> None:
        headers: dict[str, str | openai.Omit] = {"Accept-Encoding": "identity"}
        if not key:
            headers["Authorization"] = openai.Omit()
        if host_of(settings.base_url) != "api.openai.com":
            # The client would send what the environment says about an account elsewhere.
            headers |= {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
        self._options: openai.RequestOptions = {"headers": headers}
        self._client = openai.AsyncOpenAI(
            base_url=settings.base_url,
            api_key=key or "none",
            max_retries=0,
            timeout=openai.Timeout(settings.timeout_s, connect=min(CONNECT_TIMEOUT_S, settings.timeout_s)),
            http_client=_Client(follow_redirects=False, event_hooks={"response": [_bound]}),
        )

    async def ask(
        self,
        path: str,
        body: Mapping[str, object],
        reply: Reply,
        receive: Receiver,
        *,
        max_tokens: int,
        deadline_s: float,
    ) -> None:
        """Send `body` and fill `reply`, handing each piece of text to `receive` as it comes."""
        async with asyncio.timeout(deadline_s):
            stream = await self._client.post(
                path,
                cast_to=object,
                body=dict(body),
                options=self._options,
                stream=True,
                stream_cls=openai.AsyncStream[object],
            )
            async with stream:
                # Some endpoints do not stream, whatever they are asked.
                if "json" in stream.response.headers.get("content-type", ""):
                    _take(json.loads(await stream.response.aread()), reply, receive, max_tokens)
                    return
                reply.streamed = True
                await _read_events(stream, reply, receive, max_tokens)

    async def get(self, path: str, *, deadline_s: float) -> Any:
        """Return the JSON that stands under `path`."""
        async with asyncio.timeout(deadline_s):
            return await self._client.get(path, cast_to=object, options=self._options)

    async def post(self, path: str, body: Mapping[str, object], *, deadline_s: float) -> Any:
        """Return the JSON that answers `body`."""
        async with asyncio.timeout(deadline_s):
            return await self._client.post(path, cast_to=object, body=dict(body), options=self._options)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()


async def _read_events(
    stream: openai.AsyncStream[object], reply: Reply, receive: Receiver, max_tokens: int
) -> None:
    checked = max(max_tokens, ENDLESS_SLACK_TOKENS)
    async for event in stream:
        _take(event, reply, receive, max_tokens)
        if reply.is_endless:
            return
        if len(reply.text) > 2 * checked:
            checked = len(reply.text)
            # Estimates are about twice too high, and an answer twice too long is still within what was asked for.
            if estimated_tokens(reply.text) > 2 * max_tokens + ENDLESS_SLACK_TOKENS:
                reply.is_endless = True
                return


def _take(event: object, reply: Reply, receive: Receiver, max_tokens: int) -> None:
    """Add one event, or a whole answer that was not streamed, to `reply`. Raises `MalformedAnswer`.

    One event may hold more than was ever asked for, and whoever receives its text reads it character by character.
    """
    try:
        text = _merged(event, reply)
    except (TypeError, AttributeError, LookupError) as error:
        raise MalformedAnswer(str(error)) from error
    most = CHARACTERS_PER_TOKEN * (2 * max_tokens + ENDLESS_SLACK_TOKENS) - len(reply.text)
    reply.is_endless = len(text) > most
    if text[:most]:
        reply.text += text[:most]
        receive(text[:most])


def _merged(event: Any, reply: Reply) -> str:
    """Add all but the text to `reply` and return the text."""
    reply.events += 1
    reply.model = str(event.get("model") or reply.model)
    _take_usage(event.get("usage"), reply)
    choices = event.get("choices") or ()
    if not choices:
        return ""
    choice = choices[0]
    reply.has_logprobs |= bool(choice.get("logprobs"))
    reply.finish_reason = str(choice.get("finish_reason") or reply.finish_reason)
    return _text_of(choice)


def _text_of(choice: Mapping[str, Any]) -> str:
    """Return the text in a choice of either kind: of a completion, of a chat, or of the stream of one."""
    turn = choice.get("delta") or choice.get("message") or {}
    content = choice.get("text") or turn.get("content") or ""
    if isinstance(content, list):  # Parts, as some gateways have it.
        content = "".join(str(part.get("text", "")) for part in content)
    if not isinstance(content, str):
        raise TypeError("the content of an answer is no text")
    return content


def _take_usage(usage: object, reply: Reply) -> None:
    if not isinstance(usage, Mapping):
        return
    for name in ("prompt_tokens", "completion_tokens"):
        count = usage.get(name)
        if isinstance(count, int) and 0 <= count < MAX_COUNT:
            setattr(reply, name, count)


class _Client(openai.DefaultAsyncHttpxClient):
    """Asks anew where a connection that was kept turns out to be closed (RFC 9112, 9.3.1 and 9.5).

    llama.cpp's server closes the connection behind each streamed answer without announcing it, so the next question may
    still go out on it. A new connection that ends without an answer is a fault of the server.
    """

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        while True:
            connects: list[str] = []

            async def note(event: str, _details: object, seen: list[str] = connects) -> None:
                if event.startswith("connection.connect_"):
                    seen.append(event)

            request.extensions = {**request.extensions, "trace": note}
            try:
                return await super().send(request, **options)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                if connects:
                    raise


async def _bound(response: httpx2.Response) -> None:
    """Prepare a response of which nothing is read yet, whoever reads it, errors included. Raises `MalformedAnswer`."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise MalformedAnswer("it is compressed, which was not asked for")
    assert isinstance(response.stream, httpx2.AsyncByteStream), "the client is asynchronous"
    response.stream = _BoundedStream(response.stream)


class _BoundedStream(httpx2.AsyncByteStream):
    """The bytes of a response, up to what any answer can have."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MAX_ANSWER_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise MalformedAnswer("it has no end")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()
