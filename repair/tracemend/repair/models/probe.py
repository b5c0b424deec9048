"""Finding out what an endpoint can do by a dozen tiny requests, instead of by a table of vendors.

Vendors, versions and switches differ, and what a server does not know it often ignores without a word. So each request
is made such that only an endpoint that understood it can answer as expected: a grammar that allows one word, a prompt
that is longer by the suffix, an assistant turn that takes fewer tokens because it is not ended. How they are made, and why
a fault that passes is no finding, is in `trials`.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tracemend.analysis.decoding.adapters.lazy_grammars import PATTERN_FULL

from .capabilities import Capabilities, Prefill
from .errors import BadAnswer, NoSuchModel
from .protocol import ModelRole
from .questions import CHAT_PATH as CHAT
from .questions import COMPLETION_PATH as TEXT
from .questions import TRIAL_PROMPT_TOKENS
from .trials import Trial, Trials

if TYPE_CHECKING:
    from .endpoint import Endpoint

MOST_TRIALS = 13  # Where no fault comes between.
MOST_PROMPT_TOKENS = MOST_TRIALS * TRIAL_PROMPT_TOKENS
MOST_COMPLETION_TOKENS = 64

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


def probe(
    endpoint: Endpoint,
    role: ModelRole = "strong",
    cancel: threading.Event | None = None,
    within_s: float = math.inf,
) -> Capabilities:
    """Return what the endpoint can do. Raises `ModelError` where it does nothing at all, or nothing can be told just now."""
    until = time.monotonic() + within_s
    models = _served(endpoint, cancel)
    model = endpoint.model_name(role, cancel)
    trials = Trials(endpoint, model, cancel, until)
    text, chat = trials.begin({"prompt": _CODE, "max_tokens": 1}, {"messages": [_TURN], "max_tokens": 1})
    basis = text.reply or chat.reply
    assert basis is not None, "trials that have begun have an answer"
    # What depends on the engine and not on the form of the question is asked in a form that works.
    with_logprobs = trials.plain({"logprobs": 1 if text.reply else True})
    tokenizer, token = _tokenizer(trials, model)
    biased = trials.plain({"logit_bias": {str(token): 100}}) if token is not None else None
    regex = trials.plain({"max_tokens": 8, "structured_outputs": {"regex": _WORD}}).says(_WORD)
    grammar = trials.plain({"max_tokens": 8, "grammar": f'root ::= "{_WORD}"'}).says(_WORD)
    with_table = trials.plain({"vllm_xargs": {"tracemend_table": "?"}})
    return Capabilities(
        model=model,
        models=models,
        chat=chat.reply is not None,
        completions=text.reply is not None,
        streaming=basis.streamed,
        usage=basis.prompt_tokens is not None,
        suffix=text.reply is not None and _has_suffix(trials, text),
        prefill=_prefill(trials) if chat.reply else "none",
        regex=regex,
        dispatch=regex and _dispatches(trials),
        grammar=grammar,
        lazy_grammar=grammar and text.reply is not None and _sleeps(trials),
        logprobs=with_logprobs.reply is not None and with_logprobs.reply.has_logprobs,
        logit_bias=biased is not None and _is_beginning(biased),
        tokenizer=tokenizer,
        plugin=_PLUGIN_OBJECTION in with_table.objection,
        is_provisional=trials.left_out,
    )


def _served(endpoint: Endpoint, cancel: threading.Event | None) -> tuple[str, ...]:
    """Return the models that are listed; some endpoints list none and still answer."""
    try:
        return endpoint.models(cancel)
    except (NoSuchModel, BadAnswer):
        return ()


def _has_suffix(trials: Trials, without: Trial) -> bool:
    """Say whether a suffix is part of the prompt, and not just accepted."""
    with_suffix = trials.of(TEXT, {"prompt": _CODE, "suffix": f"\n{_CODE}\n", "max_tokens": 1})
    more, fewer = with_suffix.prompt_tokens, without.prompt_tokens
    return more is not None and fewer is not None and more > fewer


def _dispatches(trials: Trials) -> bool:
    """Say whether structural tags may wait for a text."""
    fields = {"structured_outputs": {"structural_tag": json.dumps(_TAG)}}
    return trials.plain({"max_tokens": 8, **fields}).text.startswith(_WORD)


def _sleeps(trials: Trials) -> bool:
    """Say whether a grammar may wait for a pattern, instead of being one of the whole answer at once."""
    fields = {"prompt": _CODE, "max_tokens": 24, **_SLEEPING}
    return trials.of(TEXT, fields).text.find(_WORD) > _SLEPT


def _prefill(trials: Trials) -> Prefill:
    """Say how an assistant turn is continued: one that is takes fewer tokens, for it is neither ended nor begun anew."""
    begun = {"role": "assistant", "content": _BEGUN}
    plain = trials.of(CHAT, {"messages": [_TURN, begun], "max_tokens": 1})
    if plain.reply is not None and plain.reply.text.startswith(_BEGUN):
        return "echo"
    fields = {"continue_final_message": True, "add_generation_prompt": False}
    continued = trials.of(CHAT, {"messages": [_TURN, begun], "max_tokens": 1, **fields})
    if _takes_fewer(continued, plain):
        return "continue_final_message"
    marked = trials.of(CHAT, {"messages": [_TURN, {**begun, "prefix": True}], "max_tokens": 1})
    return "prefix" if _takes_fewer(marked, plain) else "none"


def _takes_fewer(one: Trial, other: Trial) -> bool:
    """Say so also where the endpoint refuses the other outright."""
    if one.reply is None:
        return False
    fewer, more = one.prompt_tokens, other.prompt_tokens
    return other.reply is None or (fewer is not None and more is not None and fewer < more)


def _tokenizer(trials: Trials, model: str) -> tuple[str, int | None]:
    """Return the path of a tokenizer beside the endpoint, and the token that begins our word."""
    for path in ("/tokenize", "/extras/tokenize"):
        fields = {"model": model, "prompt": _WORD, "content": _WORD, "input": _WORD, "add_special": False}
        answer = trials.beside(path, fields)
        tokens = answer.get("tokens") if isinstance(answer, Mapping) else None
        if isinstance(tokens, list) and tokens and all(isinstance(one, int) for one in tokens):
            return path, tokens[-1]
    return "", None


def _is_beginning(trial: Trial) -> bool:
    """Say whether the token that was asked for came, the last one of our word."""
    return bool(trial.text) and _WORD.endswith(trial.text)
