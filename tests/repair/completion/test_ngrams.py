"""The model that ranks names."""

from __future__ import annotations

import random

import pytest

from tracemend.repair.completion.ngrams import (
    MAX_TEXT_CHARACTERS,
    NgramModel,
    code_tokens,
    likeliest_name,
    ranker,
)

TEXTS = {
    "a": "for line in lines:\n    result.append(line)\n",
    "b": "result.append(item)\nresult.append(item)\nother.extend(item)\n",
    "c": "x = '''\nresult.clear()\n'''  # result.pop()\n",
}


def likelihoods(model: NgramModel) -> list[float]:
    return [
        model.likelihood(["result", "."], "append"),
        model.likelihood(["other", "."], "append"),
        model.likelihood(["append", "("], "item"),
        model.likelihood([], "item"),
        model.likelihood(["result", "."], "pop"),
    ]


def counted(texts: dict[str, str]) -> NgramModel:
    model = NgramModel()
    for key, text in texts.items():
        assert model.update(key, text)
    return model


def test_names_are_likely_behind_what_they_stood_behind():
    model = counted(TEXTS)
    assert model.likelihood(["result", "."], "append") == 1.0
    assert model.likelihood(["append", "("], "item") == pytest.approx(2 / 3)
    assert 0 < model.likelihood(["never", "."], "append") < 1
    assert model.likelihood(["result", "."], "clear") == 0.0  # Text of a string.
    assert model.likelihood(["result", "."], "pop") == 0.0  # A comment.


def test_a_text_that_is_replaced_leaves_nothing_behind():
    texts = {**TEXTS, "d": "result.pop(item)\n"}
    model = counted(texts)
    order = list(TEXTS)
    random.Random(7).shuffle(order)
    for key in order:
        model.update(key, "something = else_\n")
    model.update("d", None)
    for key in order:
        model.update(key, TEXTS[key])
    assert likelihoods(model) == likelihoods(counted(TEXTS))


def test_memory_is_bounded():
    model = NgramModel(max_characters=30)
    assert model.update("a", "result.append(item)\n")
    assert not model.update("b", "result.append(item)\n")
    assert model.update("a", None) and model.update("b", "result.append(item)\n")
    assert not NgramModel().update("a", "x " * MAX_TEXT_CHARACTERS)


def test_near_text_counts_more_than_the_workspace():
    model = counted({"a": "shop.total\nshop.total\nshop.stock\n"})
    text = "shop.stock\nshop."
    score = ranker(model, text, len(text))
    assert score("stock") > score("total") > score("absent") == 0.0


def test_strings_are_alike_and_comments_do_not_count():
    assert code_tokens("x = f'{y}'  # z\n\n\ny") == ["x", "=", '""', "\n", "y"]


def test_the_likeliest_name_is_the_one_that_the_file_likes_at_such_a_place():
    before = "def f(cart):\n    cart.clear()\n    x = cart.total()\n    y = cart.total()\n"
    choose = likeliest_name(before, "\n    wheel.spin()\n")
    assert choose("    z = cart.", {"clear", "total", "spin", "other"}) == "total"
    assert choose("    z = wheel.", {"spin", "total"}) == "spin"
    assert choose("    z = cart.", {"unheard"}) is None
    assert choose("    z = cart.", ()) is None
