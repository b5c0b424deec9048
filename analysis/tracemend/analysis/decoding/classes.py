"""The tokens of a vocabulary by what they do to a name: go on with it, end it, begin one behind a dot.

Masks are made by looking up the few texts that a legal name can go on with, not by walking all tokens, so what serves is
a dictionary by text rather than a trie: in CPython one look-up in a hash table takes as long as one step to a trie's
child, and a name of n letters needs n of either. Reading 150,000 tokens takes half a second; the outcome, a few bytes a
token, is kept on disk by the vocabulary's digest.

Tokens such as `).append` or `self.x`, which hold a dot behind something else, are *fused*: what they mean depends on the
place. They are sorted by the name in front of their dots, and a guide is tried with those few that a place concerns.
"""

from __future__ import annotations

import os
import re
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .lexing import IDENTIFIER
from .vocabulary import Vocabulary

FORM_VERSION = 1
Numbers = NDArray[np.int32]
Group = Mapping[bytes, Sequence[int]]

# What a token begins with. PURE tokens are nothing but a name's bytes, and so on for the others: blanks and a name, or
# a dot and a name, and nothing behind it; MIXED ones have more behind the name.
NO_TEXT, OTHER, PURE, MIXED, SPACED_PURE, SPACED_MIXED, DOT_PURE, DOT_MIXED, BLANK, LAYOUT = range(10)

_NAME = rb"[\w\x80-\xff]"
_BEGINNING = rb"(?:[A-Za-z_]|[\x80-\xff])"
_SHAPE = re.compile(
    rb"(?:(?P<blanks>[ \t\f]+)|(?P<dot>[ \t\f]*\.[ \t\f]*(?=%b)))?(?P<name>%b+)" % (_BEGINNING, _NAME),
    re.ASCII,
)
_LAYOUT = re.compile(rb"[ \t\f]*(?P<more>[\r\n#\\].*)?", re.DOTALL)
# A dot with a name behind it that something stands in front of: a name, a closer, or a line end.
_FUSED = re.compile(
    rb"(?P<front>(?<!\.)%b+|[^.\s]|[\r\n])[\s\\]*\.[\s\\]*(?P<name>%b%b*)" % (_NAME, _BEGINNING, _NAME),
    re.ASCII,
)
_JOINING = re.compile(rb"[ \t\f]*\\(?:\r?\n[ \t\f]*)?")
_ENDS_PRIMARY = frozenset(
    (b")", b"]", b"}", b'"', b"'", b"\r", b"\n")
)  # Or the line that a bracket has joined.
_BREAKS_TEXT = re.compile(rb"[\"'{}\r\n]")


class TokenClasses:
    """The tokens of one vocabulary in groups."""

    def __init__(self, vocabulary: Vocabulary, cache: Path | None = None) -> None:
        kinds, starts, ends = _load(vocabulary, cache)
        self.special = _numbers(sorted(vocabulary.special))
        self.ends_name = _numbers(np.flatnonzero(np.isin(kinds, _ENDS_NAME)))
        self.blank = _numbers(np.flatnonzero(kinds == BLANK))
        self.layout = _numbers(np.flatnonzero(kinds == LAYOUT))
        joins = [number for number in self.layout.tolist() if b"\\" in vocabulary.tokens[number][:8]]
        self.joining = _numbers([number for number in joins if _JOINING.fullmatch(vocabulary.tokens[number])])
        self.dotted = _numbers(np.flatnonzero((kinds == DOT_PURE) | (kinds == DOT_MIXED)))
        self.dot_foreign = _numbers(
            [number for number in self.dotted.tolist() if not vocabulary.tokens[number].isascii()]
        )
        self.empty = _numbers(
            [one for one in np.flatnonzero(kinds == NO_TEXT).tolist() if one not in vocabulary.special]
        )
        groups = {
            kind: _group(vocabulary, kinds, starts, ends, kind)
            for kind in (PURE, MIXED, SPACED_PURE, SPACED_MIXED, DOT_PURE, DOT_MIXED)
        }
        self.pure, self.mixed = groups[PURE], groups[MIXED]
        self.behind_dot = _joined(groups[PURE], groups[SPACED_PURE])
        self.ended_behind_dot = _joined(groups[MIXED], groups[SPACED_MIXED])
        self.dot_pure, self.dot_mixed = groups[DOT_PURE], groups[DOT_MIXED]
        self._sort_out_special_names()
        self._sort_fused(vocabulary, kinds)

    def _sort_out_special_names(self) -> None:
        """Find the tokens that a dunder name can begin or go on with."""
        self.begins_dunder = {
            b"": _dunder_tokens(b"", self.behind_dot, self.ended_behind_dot),
            b"_": _dunder_tokens(b"_", self.pure, self.mixed),
        }
        self.dot_dunder = _dunder_tokens(b"", self.dot_pure, self.dot_mixed)

    def _sort_fused(self, vocabulary: Vocabulary, kinds: NDArray[np.uint8]) -> None:
        heads: dict[bytes, list[int]] = defaultdict(list)
        roots: dict[bytes, list[int]] = defaultdict(list)
        names: dict[int, tuple[int, int]] = {}
        closers, dotted, breaking = [], [], []
        for number, token in enumerate(vocabulary.tokens):
            if b"." not in token or not kinds[number]:
                continue
            found = [one for one in _FUSED.finditer(token) if not _is_harmless(one, len(token))]
            for one in found:
                front = one["front"]
                if front[0] not in IDENTIFIER:
                    closers.append(number)
                elif one.start("front"):
                    roots[front].append(number)
                else:
                    heads[front].append(number)
            if found and found[0]["name"].isascii():
                names[number] = found[0].span("name")
            if found and kinds[number] in (DOT_PURE, DOT_MIXED):
                dotted.append(number)
            if found and _BREAKS_TEXT.search(token):
                breaking.append(number)
        self.fused_names = names  # Where the first name behind a dot stands in a token.
        self.fused_heads: Group = dict(heads)
        self.fused_roots: Group = dict(roots)
        self.fused_closers = tuple(dict.fromkeys(closers))
        self.fused_dotted = tuple(dotted)
        self.fused_breaking = tuple(breaking)
        members = (heads, roots)
        self.fused = frozenset(closers).union(*(numbers for group in members for numbers in group.values()))


_ENDS_NAME = (OTHER, SPACED_PURE, SPACED_MIXED, BLANK, LAYOUT)


def classify(token: bytes) -> tuple[int, int, int]:
    """Return what a token begins with, and where the name in that beginning starts and ends."""
    if not token:
        return NO_TEXT, 0, 0
    found = _SHAPE.match(token)
    if found is not None:
        start, end = found.span("name")
        kind = DOT_PURE if found["dot"] else SPACED_PURE if found["blanks"] else PURE
        return kind + (end < len(token)), min(start, 255), min(end, 255)
    layout = _LAYOUT.match(token)
    if layout is not None and layout.end() == len(token):
        return (LAYOUT if layout["more"] else BLANK), 0, 0
    return OTHER, 0, 0


def _dunder_tokens(partial: bytes, pure: Group, mixed: Group) -> Numbers:
    """Return the tokens by which `partial` may become a dunder name, or becomes one that ends there."""
    return _numbers(
        sorted(
            number
            for group, is_ended in ((pure, False), (mixed, True))
            for name, numbers in group.items()
            if _may_be_dunder(partial + name, is_ended=is_ended)
            for number in numbers
        )
    )


def _may_be_dunder(name: bytes, *, is_ended: bool) -> bool:
    if is_ended:
        return len(name) > 4 and name.startswith(b"__") and name.endswith(b"__")
    return name == b"_" or name.startswith(b"__")


def _is_harmless(fused: re.Match[bytes], size: int) -> bool:
    """Say whether nothing can be known of what is in front of the dot, or the name behind it may be a dunder name yet."""
    front, name = fused["front"], fused["name"]
    if front[0] not in IDENTIFIER and front not in _ENDS_PRIMARY:
        return True
    if any(
        not part.isascii() and not part.decode("utf-8", "ignore").isidentifier() for part in (front, name)
    ):
        return True
    return fused.end() == size and (name == b"_" or name.startswith(b"__"))


def _group(
    vocabulary: Vocabulary,
    kinds: NDArray[np.uint8],
    starts: NDArray[np.uint8],
    ends: NDArray[np.uint8],
    kind: int,
) -> Group:
    """Return the tokens of one kind by the name in their beginning."""
    grouped: dict[bytes, list[int]] = {}
    tokens = vocabulary.tokens
    for number in np.flatnonzero(kinds == kind).tolist():
        name = tokens[number][starts[number] : ends[number]]
        grouped.setdefault(name, []).append(number)
    return grouped


def _joined(first: Group, second: Group) -> Group:
    return {name: [*first.get(name, ()), *second.get(name, ())] for name in (*first, *second)}


def _numbers(numbers: Sequence[int] | NDArray[np.int64]) -> Numbers:
    return np.asarray(numbers, dtype=np.int32)


def _load(
    vocabulary: Vocabulary, cache: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the kinds of all tokens and the spans of their names, from the cache where it has them."""
    path = cache / f"tokens-{FORM_VERSION}-{vocabulary.digest}.npz" if cache is not None else None
    if path is not None and path.is_file():
        try:
            with np.load(path, allow_pickle=False) as kept:
                shapes = kept["shapes"]
            if shapes.shape == (len(vocabulary.tokens), 3) and shapes.dtype == np.uint8:
                return shapes[:, 0], shapes[:, 1], shapes[:, 2]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            pass  # A damaged file is written anew.
    shapes = np.asarray(
        [
            (NO_TEXT, 0, 0) if number in vocabulary.special else classify(token)
            for number, token in enumerate(vocabulary.tokens)
        ],
        dtype=np.uint8,
    ).reshape(-1, 3)
    if path is not None:
        _keep(path, shapes)
    return shapes[:, 0], shapes[:, 1], shapes[:, 2]


def _keep(path: Path, shapes: NDArray[np.uint8]) -> None:
    """Write the shapes for the next process; several may do so at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".npz", delete=False) as file:
        np.savez_compressed(file, shapes=shapes)
    os.replace(file.name, path)
