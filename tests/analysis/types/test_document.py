"""The buffer: edits give the same as a fresh parse, and holes are found wherever they are."""

from __future__ import annotations

import ast
import random

import pytest
from oracle_check import check_members

from tracemend.analysis.types.document import Document
from tracemend.analysis.types.world import document_summary

TEXT = '''import os


class Cat:
    """A cat.

    It has lives.
    """

    lives = 9

    @property
    def name(self):
        self.told = True
        return "Tom" + str(
            self.lives
        )

    def feed(self, food):
        for one in food:
            if one.fresh:
                self.last = one.name
        return [x.size for x in food]


def run(cat):
    with open("f") as file:
        cat.feed(file.read())


CATS = [Cat()]
'''  # fmt: skip


def _dumped(document: Document) -> list[str]:
    return [ast.dump(one) for chunk in document.chunks for one in chunk.body]


def _positions(document: Document) -> set[tuple[int, str]]:
    return {
        (start + chunk.start(node), type(node).__name__)
        for chunk, start in zip(document.chunks, document.starts, strict=True)
        for one in chunk.body
        for node in ast.walk(one)
        if hasattr(node, "lineno")
    }


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("seed", range(6))
def test_edits_give_what_a_fresh_parse_gives(seed: int) -> None:
    chance = random.Random(seed)
    document = Document(TEXT, "/cat.py", "cat")
    for _ in range(40):
        text = document.text
        start = chance.randrange(len(text))
        inserted = chance.choice(
            ["", "x", ".y", "\n", "    ", "self.z = 1", "\ndef f(): ...\n", "#", "(", ")"]
        )
        document = document.edited(text[:start] + inserted + text[start + chance.randrange(3) :])
        fresh = Document(document.text, "/cat.py", "cat")
        assert "".join(chunk.text for chunk in document.chunks) == document.text
        if not fresh.damaged and not document.damaged:
            assert _dumped(document) == _dumped(fresh)
            assert _positions(document) == _positions(fresh)
            assert document_summary(document).names.keys() == document_summary(fresh).names.keys()
        if document.damaged:
            document = Document(TEXT, "/cat.py", "cat")


def test_a_changed_method_replaces_what_it_defined() -> None:
    document = Document(TEXT, "/cat.py", "cat")
    before = document.chunks
    edited = document.edited(TEXT.replace("self.told = True", "self.said = True"))
    (cat,) = document_summary(edited).names["Cat"]
    assert "said" in cat.attributes and "told" not in cat.attributes  # type: ignore[union-attr]
    unchanged = [one for one, other in zip(before, edited.chunks, strict=True) if one is other]
    assert len(unchanged) == len(before) - 1


HOLES = {
    "at the end of the text": "class A:\n    x = 1\ny = A()$0.",
    "in an argument": "class A:\n    x = 1\nprint(A()$0.",
    "in a header": "class A:\n    x = 1\ndef f(a: A):\n    if a$0.\n        return 1\n",
    "in an open try": "class A:\n    x = 1\ndef f(a: A):\n    try:\n        y = a$0.",
    "behind lines that the statement goes on with": (
        "class A:\n    x = 1\ndef f(a: A):\n    y = [\n        a$0.\n        1,\n    ]\n    return y\n"
    ),
    "in a method, before others": "class A:\n    x = 1\n    def f(self):\n        y = self$0.\n    def g(self): ...\n",
    "with a broken statement elsewhere": "class A:\n    x = 1\ndef broken(:\n    pass\ny = 1 + A()$0.",
    "with the name begun": "class A:\n    x = 1\ny = A()$0.xx",
}


@pytest.mark.parametrize("name", HOLES)
def test_holes(name: str) -> None:
    check_members(HOLES[name], has="x", lacks="y")


def test_a_line_that_is_no_code_has_no_receiver() -> None:
    check_members("class A: ...\n# A()$0.x", opens="unparsed")


def test_a_hole_is_made_once_for_the_questions_about_one_place():
    document = Document("def f():\n    return text.\n", module="m")
    offset = document.text.index(".\n")
    member = document.attribute_at(offset)
    assert member is document.attribute_at(offset)
    assert isinstance(document.call_at(offset).node, ast.Call)
    assert isinstance(document.attribute_at(offset).node, ast.Attribute)
