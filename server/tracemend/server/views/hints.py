"""Graded help instead of the answer: where, then what, then how.

The first level names the function, the second the line and what speaks against it, the third what the proven patch
does, in words and without its text. Each level says only what is known; the third needs a proven patch. (Levels as in
Phung et al., "Automating Human Tutor-Style Programming Feedback", LAK 2024.)
"""

from __future__ import annotations

from typing import Literal

from tracemend.server.findings import RepairState

from .wording import hint_text, short_name

Level = Literal["where", "what", "how"]
LEVELS: tuple[Level, ...] = ("where", "what", "how")


def hint(state: RepairState, level: Level) -> str:
    """Return the hint of that level about one failing test, a full sentence or two."""
    if level == "where":
        return _where(state)
    return _what(state) if level == "what" else _how(state)


def _where(state: RepairState) -> str:
    place = _place(state)
    if place is None:
        return f"Nothing points to a cause of the failure of {short_name(state.test)} yet."
    path, line, function = place
    inside = f"`{function}` in {path}" if function else f"the module level of {path}, near line {line}"
    return f"Look at {inside}: that is where {short_name(state.test)} most likely goes wrong."


def _what(state: RepairState) -> str:
    place = _place(state)
    if place is None:
        return _where(state)
    path, line, _ = place
    sentences = [f"Look at {path}:{line}{_source(state, path, line)}."]
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


def _place(state: RepairState) -> tuple[str, int, str] | None:
    """Return (path, line, function) of the change that is proven, else of the most suspected statement."""
    if state.patches and state.patches[0].evidence.changes:
        change = state.patches[0].evidence.changes[0]
        of = (one.function for one in state.patches[0].evidence.suspects if one.path == change.path
              and one.line == change.line)  # fmt: skip
        return change.path, change.line, next(of, "")
    if state.suspects:
        return state.suspects[0].path, state.suspects[0].line, state.suspects[0].function
    return None


def _source(state: RepairState, path: str, line: int) -> str:
    lines = state.texts.get(path, "").splitlines()
    return f" (`{lines[line - 1].strip()}`)" if 0 < line <= len(lines) else ""
