"""What `tracemend doctor --endpoint` looks at: an endpoint for models, found out by tiny requests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tracemend.repair.models.capabilities import Capabilities, Route, choose_route
from tracemend.repair.models.endpoint import Endpoint
from tracemend.repair.models.errors import ModelError
from tracemend.repair.models.keys import find_key
from tracemend.repair.models.meter import Meter
from tracemend.repair.models.protocol import ModelSettings

Health = Literal["good", "weak", "bad"]

SHOWN_MODELS = 10
PREFILLS = {
    "continue_final_message": "by a begun turn (continue_final_message)",
    "prefix": "by a begun turn (marked as prefix)",
    "echo": "by a begun turn (repeated in the answer)",
}


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What was found, or what stood in the way."""

    settings: ModelSettings
    has_key: bool
    found: Capabilities | None
    route: Route | None
    problem: str = ""
    requests: int = 0
    tokens: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain values; a key is only said to be there."""
        return {
            "base_url": self.settings.base_url,
            "model": self.found.model if self.found else self.settings.model or None,
            "has_key": self.has_key,
            "capabilities": asdict(self.found) if self.found else None,
            "route": asdict(self.route) if self.route else None,
            "problem": self.problem or None,
            "requests": self.requests,
            "tokens": self.tokens,
        }


def look_at_endpoint(settings: ModelSettings) -> EndpointReport:
    """Find out what the endpoint can do, whatever is remembered about it."""
    has_key = bool(find_key(settings))
    meter = Meter(settings)
    with Endpoint(settings, meter) as endpoint:
        try:
            found = endpoint.capabilities(refresh=True)
        except ModelError as error:
            return EndpointReport(settings, has_key, None, None, str(error))
    totals = meter.totals()
    return EndpointReport(
        settings, has_key, found, choose_route(found), requests=totals.requests, tokens=totals.usage.tokens
    )


def endpoint_lines(report: EndpointReport) -> Iterator[tuple[str, Health, str, tuple[str, ...]]]:
    """Yield name, health, what was found and what to do, a line each."""
    settings, found = report.settings, report.found
    if found is None or report.route is None:
        yield "endpoint", "bad", report.problem, ()
        return
    cost = f"{report.requests} tiny requests, {report.tokens} tokens"
    yield "endpoint", "good", f"{settings.base_url} answers ({cost})", ()
    others = [one for one in found.models if one != found.model][:SHOWN_MODELS]
    yield "model", "good", found.model + (f"; also served: {', '.join(others)}" if others else ""), ()
    key = f"from {settings.api_key_env} or the keyring" if report.has_key else "none is sent"
    yield "key", "good", key, ()
    yield "answers", "good", _listed(chat=found.chat, completions=found.completions), ()
    yield _line(
        "streaming", found.streaming, "an answer can be stopped, and stops costing", "answers are whole"
    )
    yield _line("usage", found.usage, "it says how many tokens a request took", "tokens are estimated")
    yield _line(
        "continuing", found.continues, _continuing(found), "an answer cannot be taken up where it was cut"
    )
    yield "constraints", "good", _constraints(found), ()
    advice = ("`tracemend serve-model` starts an engine with the plug-in.",)
    yield _line("plug-in", found.plugin, "tracemend's own is in the engine", "not in the engine", advice)
    yield "guidance", "good", f"{report.route.name}: {report.route.why}", ()


def _line(
    name: str, is_there: bool, yes: str, no: str, advice: tuple[str, ...] = ()
) -> tuple[str, Health, str, tuple[str, ...]]:
    return (name, "good", yes, ()) if is_there else (name, "weak", no, advice)


def _continuing(found: Capabilities) -> str:
    ways = ["a text by its own end"] if found.completions else []
    ways += [f"a chat {PREFILLS[found.prefill]}"] if found.prefill in PREFILLS else []
    return "; ".join(ways + (["a gap by its suffix"] if found.suffix else []))


def _constraints(found: Capabilities) -> str:
    return _listed(
        **{
            "regular expressions": found.regex,
            "structural tags that wait": found.dispatch,
            "grammars": found.grammar,
            "grammars that wait": found.lazy_grammar,
            "logit bias": found.logit_bias,
            "log probabilities": found.logprobs,
            f"tokenizer at {found.tokenizer}": bool(found.tokenizer),
        }
    )


def _listed(**switches: bool) -> str:
    return ", ".join(name for name, is_on in switches.items() if is_on) or "none that we use"
