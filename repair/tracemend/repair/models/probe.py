"""Finding out what an endpoint can do by a dozen tiny requests, instead of by a table of vendors.

Vendors, versions and switches differ, and what a server does not know it often ignores without a word. So each request
is made such that only an endpoint that understood it can answer as expected: a grammar that allows one word, a prompt
that is longer by the suffix, an assistant turn that takes fewer tokens because it is not ended.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracemend.analysis.decoding.adapters.lazy_grammars import PATTERN_FULL

from .capabilities import Capabilities, Prefill
from .errors import BadAnswer, ModelError, NoSuchModel, ServerFault
from .protocol import ModelRole

if TYPE_CHECKING:
    from .endpoint import Endpoint
    from .transport import Reply

CHAT = "/chat/completions"
TEXT = "/completions"

_CODE = "def add(first, second):\n    return first"
_WORD = "zq7"  # Nothing that a model writes by itself.
_TURN = {"role": "user", "content": "Write one line of Python."}
_BEGUN = f"{_WORD} = sorted("
# A tag that begins with our word; the rest, which waits for another, makes it unreadable where such are not known.
_WAITING = {"type": "dispatch", "rules": [[f"{_WORD}.", {"type": "any_text"}]], "loop": False}
_TAG = {
    "type": "structural_tag",
    "format": {"type": "sequence", "elements": [{"type": "const_string", "value": _WORD}, _WAITING]},
}
# A grammar that sleeps through six characters, and of the next is given the last one: so our word comes later than the
# grammar alone would bring it. It wakes where the pattern matches all of the text (`lazy_grammars`).
_SLEEPING = {
    "grammar": f'root ::= [^\\x00] "{_WORD}" [^\\x00]*',
    "grammar_lazy": True,
    "ignore_eos": True,  # Of llama.cpp's server, too: a model may have nothing to say.
    "grammar_triggers": [{"type": PATTERN_FULL, "value": r"[\s\S]{6,}([\s\S])"}],
}
_SLEPT = 6
# The start of what tracemend's plug-in answers to a table that is none.
_PLUGIN_OBJECTION = "tracemend_table begins with neither"


@dataclass(frozen=True, slots=True)
class _Trial:
    """What came of one request: an answer, or what the endpoint had against it."""

    reply: Reply | None
    error: ModelError | None = None

    @property
    def objection(self) -> str:
        return "" if self.error is None else str(self.error)

    @property
    def text(self) -> str:
        return "" if self.reply is None else self.reply.text

    def says(self, text: str) -> bool:
        return self.reply is not None and self.reply.text == text

    @property
    def prompt_tokens(self) -> int | None:
        return None if self.reply is None else self.reply.prompt_tokens


def probe(
    endpoint: Endpoint, role: ModelRole = "strong", cancel: threading.Event | None = None
) -> Capabilities:
    """Return what the endpoint can do. Raises `ModelError` where it does nothing at all."""
    models = _served(endpoint, cancel)
    model = endpoint.model_name(role, cancel)

    def attempt(path: str, fields: Mapping[str, object]) -> _Trial:
        return _attempt(endpoint, path, {"model": model, "temperature": 0, **fields}, cancel)

    text = attempt(TEXT, {"prompt": _CODE, "max_tokens": 1})
    chat = attempt(CHAT, {"messages": [_TURN], "max_tokens": 1})
    basis = text.reply or chat.reply
    if basis is None:
        raise _refusal(endpoint, text, chat)
    # What depends on the engine and not on the form of the question is asked in a form that works.
    path, question = (TEXT, {"prompt": _CODE}) if text.reply else (CHAT, {"messages": [_TURN]})
    with_logprobs = attempt(path, {**question, "max_tokens": 1, "logprobs": 1 if text.reply else True})
    tokenizer, token = _tokenizer(endpoint, model, cancel)
    biased = (
        attempt(path, {**question, "max_tokens": 1, "logit_bias": {str(token): 100}})
        if token is not None
        else None
    )
    regex = attempt(path, {**question, "max_tokens": 8, "structured_outputs": {"regex": _WORD}}).says(_WORD)
    grammar = attempt(path, {**question, "max_tokens": 8, "grammar": f'root ::= "{_WORD}"'}).says(_WORD)
    return Capabilities(
        model=model,
        models=models,
        chat=chat.reply is not None,
        completions=text.reply is not None,
        streaming=basis.streamed,
        usage=basis.prompt_tokens is not None,
        suffix=text.reply is not None and _has_suffix(attempt, text),
        prefill=_prefill(attempt) if chat.reply else "none",
        regex=regex,
        dispatch=regex and _dispatches(attempt, path, question),
        grammar=grammar,
        lazy_grammar=grammar and text.reply is not None and _sleeps(attempt),
        logprobs=with_logprobs.reply is not None and with_logprobs.reply.has_logprobs,
        logit_bias=biased is not None and _is_beginning(biased),
        tokenizer=tokenizer,
        plugin=_has_plugin(
            attempt(path, {**question, "max_tokens": 1, "vllm_xargs": {"tracemend_table": "?"}})
        ),
    )


_Attempt = Callable[[str, Mapping[str, object]], _Trial]


def _served(endpoint: Endpoint, cancel: threading.Event | None) -> tuple[str, ...]:
    """Return the models that are listed; some endpoints list none and still answer."""
    try:
        return endpoint.models(cancel)
    except (NoSuchModel, BadAnswer):
        return ()


def _attempt(
    endpoint: Endpoint, path: str, fields: Mapping[str, object], cancel: threading.Event | None
) -> _Trial:
    """Make one request. What the endpoint has against it is a finding; that nobody answers is raised."""
    try:
        return _Trial(endpoint.try_out(path, fields, cancel))
    except (BadAnswer, NoSuchModel, ServerFault) as error:
        return _Trial(None, error)


def _refusal(endpoint: Endpoint, text: _Trial, chat: _Trial) -> ModelError:
    """Return what an endpoint has against everything: one thing is said once."""
    if text.error is not None and text.objection == chat.objection:
        return text.error
    return BadAnswer(
        f"{endpoint.settings.base_url} answers neither completions ({text.objection}) nor chats ({chat.objection})"
    )


def _has_suffix(attempt: _Attempt, without: _Trial) -> bool:
    """Say whether a suffix is part of the prompt, and not just accepted."""
    with_suffix = attempt(TEXT, {"prompt": _CODE, "suffix": f"\n{_CODE}\n", "max_tokens": 1})
    more, fewer = with_suffix.prompt_tokens, without.prompt_tokens
    return more is not None and fewer is not None and more > fewer


def _dispatches(attempt: _Attempt, path: str, question: Mapping[str, object]) -> bool:
    """Say whether structural tags may wait for a text."""
    fields = {"structured_outputs": {"structural_tag": json.dumps(_TAG)}}
    return attempt(path, {**question, "max_tokens": 8, **fields}).text.startswith(_WORD)


def _sleeps(attempt: _Attempt) -> bool:
    """Say whether a grammar may wait for a pattern, instead of being one of the whole answer at once."""
    return attempt(TEXT, {"prompt": _CODE, "max_tokens": 24, **_SLEEPING}).text.find(_WORD) > _SLEPT


def _prefill(attempt: _Attempt) -> Prefill:
    """Say how an assistant turn is continued: one that is takes fewer tokens, for it is neither ended nor begun anew."""
    begun = {"role": "assistant", "content": _BEGUN}
    plain = attempt(CHAT, {"messages": [_TURN, begun], "max_tokens": 1})
    if plain.reply is not None and plain.reply.text.startswith(_BEGUN):
        return "echo"
    fields = {"continue_final_message": True, "add_generation_prompt": False}
    continued = attempt(CHAT, {"messages": [_TURN, begun], "max_tokens": 1, **fields})
    if _takes_fewer(continued, plain):
        return "continue_final_message"
    marked = attempt(CHAT, {"messages": [_TURN, {**begun, "prefix": True}], "max_tokens": 1})
    return "prefix" if _takes_fewer(marked, plain) else "none"


def _takes_fewer(one: _Trial, other: _Trial) -> bool:
    """Say so also where the endpoint refuses the other outright."""
    if one.reply is None:
        return False
    fewer, more = one.prompt_tokens, other.prompt_tokens
    return other.reply is None or (fewer is not None and more is not None and fewer < more)


def _tokenizer(endpoint: Endpoint, model: str, cancel: threading.Event | None) -> tuple[str, int | None]:
    """Return the path of a tokenizer beside the endpoint, and the token that begins our word."""
    for path in ("/tokenize", "/extras/tokenize"):
        fields = {"model": model, "prompt": _WORD, "content": _WORD, "input": _WORD, "add_special": False}
        try:
            answer = endpoint.post_beside(path, fields, cancel)
        except ModelError:
            continue
        tokens = answer.get("tokens") if isinstance(answer, Mapping) else None
        if isinstance(tokens, list) and tokens and all(isinstance(one, int) for one in tokens):
            return path, tokens[-1]
    return "", None


def _is_beginning(trial: _Trial) -> bool:
    """Say whether the token that was asked for came, the last one of our word."""
    return bool(trial.text) and _WORD.endswith(trial.text)


def _has_plugin(trial: _Trial) -> bool:
    return _PLUGIN_OBJECTION in trial.objection
