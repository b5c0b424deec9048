"""Masks over small vocabularies of several families: they say what the guide says, whatever the tokens look like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracemend.analysis.decoding.machine import Guide, Situation
from tracemend.analysis.decoding.masks import Mask, TokenMasks
from tracemend.analysis.decoding.mass import Advice, advise
from tracemend.analysis.decoding.vocabulary import UnknownVocabulary, Vocabulary
from tracemend.analysis.monitors.tables import SymbolTable, TableType

CART, PRICE, UNITS, TEXT, LIST, DICT = range(6)
TABLE = SymbolTable(
    types=(
        TableType(
            "Cart",
            frozenset({"total", "tot", "prices", "_hidden"}),
            False,
            {"prices": LIST},
            {"total": PRICE},
        ),
        TableType("Price", frozenset({"amount"}), False),
        TableType("Units", frozenset({"µm", "metre"}), False),
        TableType("str", frozenset({"title", "tot"}), False, is_fixed=True),
        TableType("list", frozenset({"append", "total"}), False, is_fixed=True),
        TableType("dict", frozenset({"prices"}), False, is_fixed=True),
    ),
    names={"cart": CART, "units": UNITS, "self": CART, "path": -1, "k": CART, "found": LIST},
    literals={"str": TEXT, "list": LIST, "dict": DICT},
)
END = b"<end>"
WORDS = (
    b"t", b"to", b"tot", b"total", b"totl", b"tax", b"al", b"als", b"a", b"amount", b"_", b"__", b"__class__", b"_h",
    b"prices", b"total(", b"totl(", b"tot.", b"total.amount", b"total.x", b"cart", b"cart.total", b"cart.totl", b"self.x",
    b" cart.t", b"(cart.q", b").q", b").amount", b"().a", b"().t", b".", b".t", b".total", b".totl", b".totl(", b".total(",
    b".tot.", b".__", b"._", b".__class__", b" .t", b" .q", b". t", b" t", b" q", b" total ", b" ", b"\n", b"  \n", b"\\\n",
    b"# x", b"(", b")", b"=", b" = ", b",", b"'", b"\"", b"'cart.q", b"1", b"1.", b"..", b"...", b"m", b"metre", b"\xc2",
    b"\xb5", b"\xc2\xb5m", b".\xc2\xb5", b"{", b"}", b"f'", b"\n.q", b"\ncart.q()", b"", b"'.q", b"'.tot",
    b'".q', b"''.tot", b"].q", b"].total", b"}.q", b"}.prices", b"}'.q", b"{}.q", b"found.q", b"'].q", b"found.append",
    *(bytes((letter,)) for letter in b"bcdefghijklnopqrsuvwxyz"),
)  # fmt: skip
VOCABULARY = Vocabulary.of_tokens((*WORDS, END), [len(WORDS)])
BEGINNINGS = (
    "y = cart", "y = cart.", "y = cart.t", "y = cart.tot", "y = cart.total", "y = cart.total()", "y = cart ", "y = ca",
    "y = cart. ", "y = (cart", "y = (cart.", "y = (cart\n", "y = path.", "y = path", "y = '",
    "y = f'{cart.", "y = f'{", "# ", "y = f(cart.total", "cart.", "cart.prices.", "y = cart.prices", "y = cart._", "y = [", "", "y = cart.total()[", "y = f'''{(cart)", "import cart.", "for cart in path: cart.", "y = f(k", "y = f(k=k",
    "y = 'a'", "y = 'a", "y = 'a'.", "'", "found", "found.", "found.t", "y = [", "y = [1", "y = ['a", "y = {", "y = {'a': 1",
    "y = {1", "y = f'{path", "y = f'{path}", "y = f'{path}'", "y = f'{path:", "y = '''a", "y = '''a''", "y = []", "[].",
)  # fmt: skip


def allowed(mask: Mask | None) -> set[int]:
    """Return the numbers of the tokens that a mask lets pass."""
    everything = set(range(len(VOCABULARY.tokens)))
    if mask is None:
        return everything
    assert (mask.allowed is None) != (mask.forbidden is None), "exactly one of the two is set"
    if mask.allowed is not None:
        assert len(mask.allowed) == len(set(mask.allowed.tolist())) > 0
        return set(mask.allowed.tolist())
    assert mask.forbidden is not None and len(mask.forbidden)
    return everything - set(mask.forbidden.tolist())


@pytest.fixture(scope="module")
def masks() -> TokenMasks:
    return TokenMasks(VOCABULARY)


@pytest.mark.parametrize("before", BEGINNINGS)
def test_a_mask_says_what_the_guide_says(before: str, masks: TokenMasks) -> None:
    guide = Guide(TABLE, before=before)
    is_member = guide.situation() == Situation.MEMBER
    passed = allowed(masks.mask(guide))
    for number, token in enumerate(WORDS):
        if not token:
            assert number in passed
        elif is_member or b"." in token:
            assert (number in passed) == guide.accepts(token), token


@pytest.mark.parametrize("before", ["cart.t", "cart", "units.", "y = cart.__", "y = path.", "cart, self."])
def test_what_may_be_right_is_not_masked(before: str, masks: TokenMasks) -> None:
    """Members that may be stored, dunder names, names that may be in a normal form, unknown receivers."""
    passed = allowed(masks.mask(Guide(TABLE, before=before)))
    assert passed >= {number for number, token in enumerate(WORDS) if b"." not in token}


def test_behind_what_begins_a_statement_one_more_dot_reads(masks: TokenMasks) -> None:
    """The member itself may be stored, and is not judged before that is known."""
    passed = {
        WORDS[number]
        for number in allowed(masks.mask(Guide(TABLE, before="cart.prices")))
        if number < len(WORDS)
    }
    assert {b".total", b"s", b" = ", b"total"} <= passed and not {b".tot.", b".totl", b".totl("} & passed


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.lists(st.sampled_from(WORDS), max_size=6))
def test_a_mask_is_never_empty_and_equal_keys_have_equal_masks(before: str, written: list[bytes]) -> None:
    masks, fresh = TokenMasks(VOCABULARY), TokenMasks(VOCABULARY)
    guide = Guide(TABLE, before=before)
    for token in written:
        guide.feed(token)
        copy = guide.fork()
        assert copy.key == guide.key
        assert allowed(masks.mask(guide)) == allowed(fresh.mask(copy))


@pytest.mark.parametrize("name", sorted(TABLE.types[CART].members))
@pytest.mark.parametrize("tokens", ["letters", "longest"])
def test_every_member_can_be_written_token_by_token(name: str, tokens: str, masks: TokenMasks) -> None:
    guide = Guide(TABLE, before="y = cart", after="\n")
    text = f".{name}".encode()
    while text:
        fitting = [one for one in WORDS if one and text.startswith(one)]
        token = max(fitting, key=len) if tokens == "longest" else min(fitting, key=len)
        assert WORDS.index(token) in allowed(masks.mask(guide)), (token, text)
        assert guide.feed(token) is None
        text = text[len(token) :]
    assert len(WORDS) in allowed(masks.mask(guide)), "the text may end behind a whole name"


def test_the_text_may_not_end_in_a_part_of_a_name(masks: TokenMasks) -> None:
    end = len(WORDS)
    assert end not in allowed(masks.mask(Guide(TABLE, before="y = cart.to", after="\n")))
    assert end in allowed(masks.mask(Guide(TABLE, before="y = cart.to", after="tal()\n")))
    assert end not in allowed(masks.mask(Guide(TABLE, before="y = cart.total", after="s()\n")))
    assert end not in allowed(masks.mask(Guide(TABLE, before="y = cart.", after="\n")))


@pytest.mark.parametrize(
    "before, forced",
    [("y = cart.pr", b"ices"), ("y = cart.t", b"ot"), ("y = cart.tot", b""), ("y = cart.", b"")],
)
def test_what_is_the_only_way_on_is_forced(before: str, forced: bytes, masks: TokenMasks) -> None:
    mask = masks.mask(Guide(TABLE, before=before))
    assert mask is not None and mask.forced == forced
    assert Guide(TABLE, before=before).forced == forced.decode()


def test_a_dead_end_is_silent_and_counted() -> None:
    masks = TokenMasks(Vocabulary.of_tokens([b"x", b"cart", b"."], []))
    guide = Guide(TABLE, before="y = cart.")
    assert guide.feed(b"x") is None
    assert masks.mask(guide) is None
    assert masks.silenced == 1


def test_masks_are_kept_on_disk_and_damage_is_mended(tmp_path: Path) -> None:
    first = TokenMasks(VOCABULARY, tmp_path)
    (kept,) = tmp_path.iterdir()
    guide = Guide(TABLE, before="y = cart.t")
    assert allowed(TokenMasks(VOCABULARY, tmp_path).mask(guide)) == allowed(first.mask(guide))
    kept.write_bytes(b"PK damaged")
    assert allowed(TokenMasks(VOCABULARY, tmp_path).mask(guide)) == allowed(first.mask(guide))


def test_families_are_read_alike(tmp_path: Path) -> None:
    """The same five texts, as byte-level BPE and as SentencePiece write them."""
    texts = [b".to", b" x", b"\n", "é".encode(), b"\xff"]
    byte_level = {chr(code): number + 5 for number, code in enumerate(range(33, 127))}
    byte_level |= {chr(code): 100 + code for code in range(161, 324)}
    byte_level |= {".to": 0, "Ġx": 1, "Ċ": 2, "Ã©": 3, "ÿ": 4}
    sentence_piece = {".to": 0, "▁x": 1, "<0x0A>": 2, "é": 3, "<0xFF>": 4}
    for pieces in (byte_level, sentence_piece):
        path = tmp_path / "tokenizer.json"
        added = [
            {"id": 500, "content": "<|end|>", "special": True},
            {"id": 501, "content": "<tool>", "special": False},
        ]
        path.write_text(json.dumps({"model": {"vocab": pieces}, "added_tokens": added}), encoding="utf-8")
        vocabulary = Vocabulary.of_json(path)
        assert list(vocabulary.tokens[:5]) == texts
        assert 500 in vocabulary.special and vocabulary.tokens[501] == b"<tool>"
        assert vocabulary.digest == Vocabulary.of_json(path).digest


def test_an_unknown_family_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps({"model": {"vocab": {"un": 0, "##able": 1}}}), encoding="utf-8")
    with pytest.raises(UnknownVocabulary, match="neither"):
        Vocabulary.of_json(path)
    with pytest.raises(UnknownVocabulary, match="no tokenizer"):
        Vocabulary.of_json(tmp_path / "none.json")


def test_a_mask_that_leaves_next_to_nothing_is_not_forced() -> None:
    assert advise(0.9) == Advice.KEEP
    assert advise(0.9999, roll_backs_left=1) == Advice.ROLL_BACK
    assert advise(0.9999) == Advice.SILENT
