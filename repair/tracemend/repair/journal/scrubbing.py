"""Secrets and personal traces in text, masked without changing its length.

A mask is as long as what it hides: offsets, columns and diffs of a masked text stay true, and a literal stays a literal,
so that code which held a key still parses and can still be patched. Known kinds of keys are found by their shape, as
secret scanners do (gitleaks, detect-secrets); what is left is judged by its entropy (Shannon, bits a character), for a
random token has more of it than anything that people read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from math import log2

MIN_ENTROPY_BITS = (
    4.2  # English identifiers of this length stay below 4, random base64 of 24 characters does not.
)
_RANDOM_LOOKING = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}")

# Names and addresses are bounded, so that no text takes time with the square of its length.
_KEY_SHAPES = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bglpat-[A-Za-z0-9_-]{16,}",
    r"\bsk-[A-Za-z0-9_-]{16,}",
    r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    r"\bAIza[0-9A-Za-z_-]{30,}",
    r"\bhf_[A-Za-z0-9]{24,}",
    r"\bnpm_[A-Za-z0-9]{30,}",
    r"\bpypi-[A-Za-z0-9_-]{30,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    r"(?<=[Bb]earer )[A-Za-z0-9._~+/=-]{8,}",
    r"(?<=://)[^\s/:@'\"]+:[^\s/@'\"]+(?=@)",
    # What is called a secret and is given as a literal, or set in an environment.
    r"(?i:(?:passw(?:or)?d|secret|token|(?:api|access)_?key|credentials?)['\"]?\s*[:=]\s*)"
    + r"(?P<quote>['\"])(?P<value>[^'\"\n]{6,}?)(?P=quote)",
    r"\b[A-Z0-9_]{0,64}(?:PASSWORD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY)[A-Z0-9_]{0,64}=(?P<setting>[^\s'\"]{6,})",
)
_KEYS = re.compile("|".join(f"(?:{shape})" for shape in _KEY_SHAPES))
# One cheap look at a text says whether any of the shapes above can be in it: most texts are small edits of code.
_HINT = re.compile(
    r"PRIVATE KEY|AKIA|ASIA|gh[pousr]_|github_pat|glpat-|sk-|[sr]k_|xox|AIza|hf_|npm_|pypi-|eyJ|[Bb]earer |://"
    r"|(?i:passw|secret|token|key|credential)"
)
_PERSONAL = re.compile(
    r"(?P<mail>\b[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b)"
    r"|(?<=/home/)[^/\s'\":]+|(?<=/Users/)[^/\s'\":]+|(?<=[\\/]Users\\)[^\\\s'\":]+|(?<=\\\\Users\\\\)[^\\\s'\":]+"
)


def scrub(text: str, *, personal: bool = False) -> str:
    """Return `text` with secrets masked, and with `personal` also e-mail addresses and names of home directories."""
    if _HINT.search(text):
        text = _KEYS.sub(_mask_key, text)
    if len(text) >= 24:
        text = _RANDOM_LOOKING.sub(_mask_random, text)
    return _PERSONAL.sub(_mask_personal, text) if personal else text


def scrub_values(value: object, *, personal: bool = False) -> object:
    """Return the JSON value with every text in it scrubbed; the keys of objects are ours and stay."""
    if isinstance(value, str):
        return scrub(value, personal=personal)
    if isinstance(value, Mapping):
        return {key: scrub_values(item, personal=personal) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [scrub_values(item, personal=personal) for item in value]
    return value


def entropy_bits(text: str) -> float:
    """Return the Shannon entropy of the characters of `text`, in bits a character."""
    counts = Counter(text)
    return -sum(count / len(text) * log2(count / len(text)) for count in counts.values())


def _mask_key(match: re.Match[str]) -> str:
    for name in ("value", "setting"):
        if match[name] is not None:
            start, end = match.start(name) - match.start(), match.end(name) - match.start()
            return match[0][:start] + _mask("secret", end - start) + match[0][end:]
    return _mask("key", len(match[0]))


def _mask_random(match: re.Match[str]) -> str:
    text = match[0]
    digits = sum(one.isdigit() for one in text)
    capitals = sum(one.isupper() for one in text)
    mixed = digits >= 2 and capitals >= 2 and len(text) - digits - capitals >= 2
    runs = sum(ord(after) - ord(before) == 1 for before, after in pairwise(text))
    is_alphabet = 4 * runs > len(text)  # As in "abcdefghij...", which has much entropy and no secret.
    secret = mixed and not is_alphabet and entropy_bits(text) >= MIN_ENTROPY_BITS
    return _mask("random", len(text)) if secret else text


def _mask_personal(match: re.Match[str]) -> str:
    return _mask("mail" if match["mail"] else "user", len(match[0]))


def _mask(kind: str, length: int) -> str:
    """Return a mask of `length` characters that says what it hides where there is room for that."""
    return f"<{kind}>".ljust(length, "*") if length >= len(kind) + 2 else "*" * length
