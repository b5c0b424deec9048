"""From the text of an answer to the new text of files, or to a sentence that tells the model what to write instead.

Only files that were shown can change: a path in an answer is compared with theirs, and is never opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracemend.analysis.syntax.module import Module, parse_module
from tracemend.repair.propose.answers.blocks import Block, clean_answer, code_blocks
from tracemend.repair.propose.answers.pieces import parse_piece, syntax_problem
from tracemend.repair.propose.answers.replacing import (
    NotApplied,
    Replacement,
    apply_replacement,
    find_replacements,
)
from tracemend.repair.propose.answers.splicing import Unclear, names_of, nearest_names, splice

# What Markdown calls code that is no Python, and blocks of which are no edits.
_OTHER_LANGUAGES = frozenset(
    {
        "bash",
        "sh",
        "shell",
        "console",
        "text",
        "txt",
        "json",
        "output",
        "yaml",
        "toml",
        "ini",
        "pytb",
        "traceback",
    }
)
MAX_ANSWER_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class Shown:
    """A file of which something was shown to the model: all of it that may be edited by name."""

    module: Module
    functions: tuple[str, ...]  # Qualified names of what was shown.
    parts: tuple[str, ...] = ()  # The very text that was shown, in pieces.


@dataclass(frozen=True, slots=True)
class Edit:
    """An answer as an edit: {path: new text} of what changes."""

    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer that is no edit; `feedback` is what to tell the model about it."""

    feedback: str


def read_answer(answer: str, shown: Sequence[Shown]) -> Edit | Unusable:
    """Read `answer` as an edit of the files `shown`."""
    cleaned = clean_answer(answer[:MAX_ANSWER_CHARACTERS])
    if not cleaned.strip():
        return Unusable("The answer is empty. Write the corrected function.")
    texts = {one.module.path: one.module.text for one in shown}
    try:
        replacements = find_replacements(cleaned)
        if replacements:
            _apply_replacements(replacements, shown, texts)
        else:
            _apply_blocks(code_blocks(cleaned), shown, texts)
    except (NotApplied, Unclear) as problem:
        return Unusable(str(problem))
    except RecursionError:  # It parses, and walking its tree goes deeper than Python allows.
        return Unusable("The code of the answer is nested too deeply. Write it flatter.")
    return _checked(texts, shown)


def _checked(texts: Mapping[str, str], shown: Sequence[Shown]) -> Edit | Unusable:
    changed = {
        one.module.path: texts[one.module.path] for one in shown if texts[one.module.path] != one.module.text
    }
    if not changed:
        return Unusable("The answer changes nothing: its code is that of the file. Something has to change.")
    for path, text in changed.items():
        problem = _problem(path, text)
        if problem:
            return Unusable(f"With the answer, `{path}` does not parse: {problem}.")
    return Edit(changed)


def _problem(path: str, text: str) -> str:
    try:
        parse_module(path, text)
    except (SyntaxError, RecursionError, MemoryError):
        return syntax_problem(text) or "it is nested too deeply"
    return ""


def _apply_replacements(blocks: Sequence[Replacement], shown: Sequence[Shown], texts: dict[str, str]) -> None:
    """Apply the blocks one after the other; one without a known path goes where its lines are found."""
    for block in blocks:
        problems: list[NotApplied] = []
        for one in _named(block.path, shown):
            path = one.module.path
            try:
                texts[path] = apply_replacement(texts[path], block, one.parts)
                break
            except NotApplied as problem:
                problems.append(problem)
        else:
            raise problems[0] if problems else NotApplied("No file was shown that could be edited.")


def _named(path: str, shown: Sequence[Shown]) -> list[Shown]:
    """Return the shown file that `path` means, all of them in their order where it means none or several."""
    meant = [
        one for one in shown if path and (one.module.path == path or one.module.path.endswith(f"/{path}"))
    ]
    meant = meant or [one for one in shown if path and path.endswith(f"/{one.module.path}")]
    return meant if len(meant) == 1 else list(shown)


def _apply_blocks(blocks: Sequence[Block], shown: Sequence[Shown], texts: dict[str, str]) -> None:
    """Splice the definitions of all blocks, later ones over earlier ones."""
    pieces = [(block, parse_piece(block.code)) for block in blocks if block.language not in _OTHER_LANGUAGES]
    placed = False
    problem = ""
    for block, piece in pieces:
        if piece is None:
            problem = problem or syntax_problem(block.code)
            continue
        for one in _named(block.path, shown):
            path = one.module.path
            new = splice(parse_module(path, texts[path]), piece, frozenset(one.functions))
            placed = placed or new != texts[path] or _defines(one, piece)
            if new != texts[path]:
                texts[path] = new
                break
    if not placed:
        raise Unclear(_nothing_placed(pieces, shown, problem))


def _defines(shown: Shown, piece: Module) -> bool:
    """Say whether the piece repeats something of the file, which is an edit that changes nothing."""
    known = {one.node.name for one in shown.module.functions}
    return any(name in known for name in names_of(piece.tree)) or any(
        one.node.name in known for one in piece.functions
    )


def _nothing_placed(
    pieces: Sequence[tuple[Block, Module | None]], shown: Sequence[Shown], problem: str
) -> str:
    if problem:
        return f"The code of the answer does not parse: {problem}. Write the whole corrected function."
    wanted = frozenset(name for one in shown for name in one.functions)
    listed = ", ".join(f"`{one}`" for one in sorted(wanted)[:6])
    for _, piece in pieces:
        near = nearest_names(piece.tree, wanted) if piece is not None else {}
        if near:
            name, meant = next(iter(near.items()))
            return f"There is no `{name}` in the code; if you mean `{meant}`, keep its name."
    return f"The answer holds no definition that the code has. Write one of these in full, under its name: {listed}."
