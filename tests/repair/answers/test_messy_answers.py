"""Answers with every kind of mess are applied as intended: at least 99.5 % is asked for, and all of them are held to."""

import ast

import pytest
from messy_answers import EDITS, FILE, MESSES, PATH, answers_with

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.answers.reading import Edit, Shown, Unusable, read_answer


def shown(text):
    module = parse_module(PATH, text)
    return [Shown(module, tuple(one.qualname for one in module.functions))]


SHOWN = {newline: shown(FILE.replace("\n", newline)) for newline in ("\n", "\r\n")}


def same_program(first, second):
    return ast.dump(ast.parse(first)) == ast.dump(ast.parse(second))


def test_the_suite_is_large_and_varied():
    assert sum(len(answers_with(mess)) for mess in MESSES) >= 400
    assert len(MESSES) >= 60 and len(EDITS) >= 15


@pytest.mark.parametrize("mess", MESSES)
def test_applied_as_intended(mess):
    wrong = []
    for edit, answer in answers_with(mess):
        read = read_answer(answer, SHOWN["\n"])
        if isinstance(read, Unusable) or not same_program(read.sources[PATH], edit.result):
            wrong.append((edit.name, read))
    assert not wrong


@pytest.mark.parametrize(
    "mess", ["tidy", "whole file", "search and replace", "without docstring", "no fences"]
)
def test_a_file_keeps_its_line_ends(mess):
    for edit, answer in answers_with(mess):
        read = read_answer(answer, SHOWN["\r\n"])
        assert isinstance(read, Edit)
        text = read.sources[PATH]
        assert text.count("\n") == text.count("\r\n")
        assert same_program(text, edit.result)


def test_comments_and_docstrings_beside_the_change_stay():
    for edit in EDITS:
        read = read_answer(MESSES["without docstring"](edit) or MESSES["tidy"](edit), SHOWN["\n"])
        assert isinstance(read, Edit)
        lost = [line for line in FILE.splitlines() if "#" in line and line not in read.sources[PATH]]
        assert not [line for line in lost if edit.name not in ("rewritten", "fence in docstring")]
