"""What the tokens of a model are, as bytes.

Two families cover nearly all models. Byte-level BPE (GPT-2 and what came after it) writes each byte as a printable
character by a fixed table (`bytes_to_unicode` of openai/gpt-2, `encoder.py`). SentencePiece (Kudo and Richardson,
arXiv 1808.06226) writes a space as U+2581 and bytes that it knows no piece for as `<0x0A>`. Tokenizers that give bytes
themselves, as tiktoken and llama.cpp do, need no decoding.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

_BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACE_MARK = "\N{LOWER ONE EIGHTH BLOCK}"
_MOST_BYTES = 200  # Of the 256 letters, or pieces, that stand for bytes a vocabulary has nearly all.


class UnknownVocabulary(ValueError):
    """The tokens of a tokenizer cannot be read as bytes; decoding goes on without masks."""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """The tokens of a model by number. Those in `special` stand for no text: they end it, or must not be written.

    Two vocabularies are compared by their digests.
    """

    tokens: tuple[bytes, ...]
    special: frozenset[int]

    @cached_property
    def digest(self) -> str:
        """The address of the vocabulary's content."""
        content = hashlib.sha256(b",".join(b"%d" % one for one in sorted(self.special)))
        for token in self.tokens:
            content.update(len(token).to_bytes(4, "little"))
            content.update(token)
        return content.hexdigest()

    @classmethod
    def of_huggingface(cls, tokenizer: Any) -> Vocabulary:
        """Return the vocabulary of a tokenizer of transformers or tokenizers. Raises `UnknownVocabulary`."""
        added = getattr(tokenizer, "added_tokens_decoder", None)
        if added is None:
            added = tokenizer.get_added_tokens_decoder()
        special = {int(number) for number, token in added.items() if getattr(token, "special", True)}
        special |= set(getattr(tokenizer, "all_special_ids", ()))
        contents = {int(number): str(token) for number, token in added.items()}
        numbers = {number: piece for piece, number in tokenizer.get_vocab().items()}
        return _of_pieces(numbers, contents, special)

    @classmethod
    def of_json(cls, path: Path) -> Vocabulary:
        """Return the vocabulary that a `tokenizer.json` describes. Raises `UnknownVocabulary`."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            pieces = content["model"]["vocab"]
            if isinstance(pieces, list):  # Unigram: pairs of a piece and its score.
                pieces = {piece: number for number, (piece, _) in enumerate(pieces)}
            added = {one["id"]: one["content"] for one in content.get("added_tokens", ())}
            special = {one["id"] for one in content.get("added_tokens", ()) if one.get("special", True)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnknownVocabulary(f"{path} describes no tokenizer: {error}") from error
        return _of_pieces({number: piece for piece, number in pieces.items()}, added, special)

    @classmethod
    def of_llama(cls, llama: Any) -> Vocabulary:
        """Return the vocabulary of a model that llama-cpp-python has loaded."""
        tokens = [llama.detokenize([number], special=False) for number in range(llama.n_vocab())]
        special = {number for number, token in enumerate(tokens) if not token}
        return cls(tuple(tokens), frozenset(special | {llama.token_eos(), llama.token_bos()} - {-1}))

    @classmethod
    def of_tokens(cls, tokens: Iterable[bytes], special: Iterable[int] = ()) -> Vocabulary:
        """Return the vocabulary of tokens that are known as bytes, in the order of their numbers."""
        return cls(tuple(tokens), frozenset(special))


def _of_pieces(
    pieces: Mapping[int, str | bytes], added: Mapping[int, str], special: Iterable[int]
) -> Vocabulary:
    """Return the vocabulary of pieces in the writing of their family; what was `added` is plain text."""
    forbidden = set(special)
    plain = {number: piece for number, piece in pieces.items() if number not in added}
    read = _reader_of(plain)
    size = max((*pieces, *added), default=-1) + 1
    tokens = [b""] * size
    for number, piece in plain.items():
        tokens[number] = read(piece)
    for number, text in added.items():
        tokens[number] = b"" if number in forbidden else text.encode("utf-8")
    forbidden |= {number for number in range(size) if number not in pieces and number not in added}
    return Vocabulary(tuple(tokens), frozenset(forbidden))


def _reader_of(pieces: Mapping[int, str | bytes]) -> Any:
    """Return the function that reads the pieces of this vocabulary's family as bytes."""
    if all(isinstance(piece, bytes) for piece in pieces.values()):
        return bytes
    written = {piece for piece in pieces.values() if isinstance(piece, str)}
    letters = _byte_letters()
    # Vocabularies that have a piece for every byte may have all the letters of the other family as plain text, too.
    if sum(1 for piece in written if _BYTE_PIECE.fullmatch(piece)) >= _MOST_BYTES:
        return _sentence_piece
    if len(written & letters.keys()) >= _MOST_BYTES:
        return lambda piece: _byte_level(piece, letters)
    if any(_SPACE_MARK in piece or _BYTE_PIECE.fullmatch(piece) for piece in written):
        return _sentence_piece
    raise UnknownVocabulary(
        "The tokenizer is neither byte-level BPE nor SentencePiece: its tokens cannot be read as bytes."
    )


def _byte_level(piece: str, letters: Mapping[str, int]) -> bytes:
    try:
        return bytes([letters[letter] for letter in piece])
    except KeyError:
        return piece.encode("utf-8")  # Text that was put into the vocabulary as it is.


def _sentence_piece(piece: str) -> bytes:
    found = _BYTE_PIECE.fullmatch(piece)
    return bytes((int(found[1], 16),)) if found else piece.replace(_SPACE_MARK, " ").encode("utf-8")


def _byte_letters() -> dict[str, int]:
    """Return GPT-2's table: printable bytes stand for themselves, the others for the characters from U+0100 on."""
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    others = [byte for byte in range(256) if byte not in set(printable)]
    letters = {chr(byte): byte for byte in printable}
    return letters | {chr(256 + place): byte for place, byte in enumerate(others)}
