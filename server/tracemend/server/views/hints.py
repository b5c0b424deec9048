"""Graded help instead of the answer: where, then what, then how.

The first level names the function, the second the line and what speaks against it, the third what the proven patch
does, in words and without its text. Each level says only what is known; the third needs a proven patch. (Levels as in
Phung et al., "Automating Human Tutor-Style Programming Feedback", LAK 2024.) A level with which a weak student, see
`repair.student`, comes no sooner to what is proven than without it, is not given. Before anything is proven no hint can be
judged so, and what is suspected is called that.
"""

from __future__ import annotations

from contextlib import suppress

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.explain.evidence import HINT_LEVELS as LEVELS
from tracemend.repair.explain.evidence import HintLevel as Level
from tracemend.server.findings import RepairState

from .wording import hint_text, short_name

__all__ = ["LEVELS", "Level", "hint"]


def hint(state: RepairState, level: Level) -> str:
    """Return the hint of that level about one failing test, a full sentence or two."""
    if state.patches and level not in state.patches[0].evidence.hint_levels:
        return _of_no_use(state, level)
    if level == "where":
        return _where(state)
    return _what(state) if level == "what" else _how(state)


def _where(state: RepairState) -> str:
    place = _place(state)
    if place is None:
        return f"Nothing points to a cause of the failure of {short_name(state.test)} yet."
    path, line, function = place
    inside = f"`{function}` in {path}" if function else f"the module level of {path}, near line {line}"
    if not state.patches:
        return f"Nothing is proven yet; most suspected is {inside}."
    return f"Look at {inside}: that is where {short_name(state.test)} goes wrong."


def _what(state: RepairState) -> str:
    place = _place(state)
    if place is None:
        return _where(state)
    path, line, _ = place
    first = "Look at" if state.patches else "Nothing is proven yet; most suspected is"
    sentences = [f"{first} {path}:{line}{_source(state, path, line)}."]
    divergence = state.patches[0].evidence.divergence if state.patches else None
    held = next((one for one in state.values.get(path, ()) if one.line == line and one.histories), None)
    if divergence is not None:
        name = "the result" if divergence.name == "return" else f"`{divergence.name}`"
        sentences.append(
            f"At line {divergence.line}, {name} is `{divergence.before}`; is that what you expect?"
        )
    elif held is not None:
        sentences.append(f"In the failing run: {hint_text(held)}. Is that what you expect?")
    return " ".join(sentences)


def _how(state: RepairState) -> str:
    if state.patches:
        # A model's words count only where they helped the embedded engine, too; see `repair.student`.
        if state.patches[0].evidence.hints:
            return " ".join(state.patches[0].evidence.hints)
        return f"What mends it {state.patches[0].note.strip().rstrip('.')}."
    if state.phase == "none":
        return f"No change was found that mends {short_name(state.test)}. {state.reason}".strip()
    return "No change has been proven to mend it yet; ask again when the search is over."


def _of_no_use(state: RepairState, level: Level) -> str:
    """Say that this level takes nobody further, and which one does."""
    later = [one for one in state.patches[0].evidence.hint_levels if LEVELS.index(one) > LEVELS.index(level)]
    told = f"Saying {level} it goes wrong would not bring you closer to what mends {short_name(state.test)}"
    if level == "how":
        told = f"Saying how to mend {short_name(state.test)} would not bring you closer than the failure itself does"
    return f"{told}; ask for the hint *{later[0]}*." if later else f"{told}."


def _place(state: RepairState) -> tuple[str, int, str] | None:
    """Return (path, line, function) of the change that is proven, else of the most suspected statement."""
    if state.patches and state.patches[0].evidence.changes:
        change = state.patches[0].evidence.changes[0]
        return change.path, change.line, _function_at(state, change.path, change.line)
    if state.suspects:
        return state.suspects[0].path, state.suspects[0].line, state.suspects[0].function
    return None


def _function_at(state: RepairState, path: str, line: int) -> str:
    """Return the function of a line by the text itself, for a change need not stand where it was suspected."""
    if path in state.texts:
        with suppress(SyntaxError):
            function = parse_module(path, state.texts[path]).function_at(line)
            return function.qualname if function is not None else ""
    return next((one.function for one in state.suspects if (one.path, one.line) == (path, line)), "")


def _source(state: RepairState, path: str, line: int) -> str:
    lines = state.texts.get(path, "").splitlines()
    return f" (`{lines[line - 1].strip()}`)" if 0 < line <= len(lines) else ""
