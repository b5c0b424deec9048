"""What the engine asks the static oracle: which edits certainly raise, and which attributes a hole may hold."""

from __future__ import annotations

import ast
import sys
import textwrap
from pathlib import Path

import pytest

from tracemend.analysis.syntax.edits import TextEdit
from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.candidates import attribute_names, data_names
from tracemend.repair.propose.site import Donors, Observed, Proposal, Site
from tracemend.repair.propose.static_types import StaticTypes

CODE = textwrap.dedent("""\
    class Room:
        def __init__(self, name):
            self.name = name
            self.guests = []

        def greet(self):
            title = "Dear"
            count = 0
            total = 0
            return count + len(self.guests)
    """)
LINE = 10


@pytest.fixture
def site(tmp_path):
    (tmp_path / "rooms.py").write_text(CODE)
    module = parse_module("rooms.py", CODE)
    (statement,) = module.statements_at(LINE)
    types = StaticTypes(tmp_path, Path(sys.executable)).at(module, statement)
    return Site(module, statement, Donors(attributes=("visitors", "append()")), types=types)


def refusal(site, old, new, observed=None):
    start = CODE.rindex(old)
    proposal = Proposal((TextEdit(start, start + len(old), new),), "", 1.0)
    return site.types.refusal(proposal, observed or {})


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("self.guests", "self.visitors", "`rooms.Room` has no member `visitors`"),
        ("count +", "title +", "a number and a collection do not add up"),
        ("        return", "        title.add(1)\n        return", "`str` has no member `add`"),
        # The edit gives the name another value, or the attribute.
        ("        return", "        title = set()\n        title.add(1)\n        return", ""),
        ("        return", "        self.name = {}\n        self.name.update()\n        return", ""),
        # Half an edit is no expression.
        ("count + len(", "len((", ""),
    ],
)
def test_refuses_what_certainly_raises(site, old, new, why):
    assert refusal(site, old, new) == why


def test_what_the_run_saw_is_a_doubt_about_the_oracle(site):
    assert refusal(site, "count +", "title +", {"title": Observed(("int",))}) == ""
    assert refusal(site, "count +", "title +", {"title": Observed(("str",))}) != ""


def test_a_hole_of_a_closed_type_holds_its_members_alone(site):
    node = next(one for one in site.expressions if isinstance(one, ast.Attribute))
    assert attribute_names(site, node.value, "guest", called=False) == ["guests", "name", "greet"]


def test_names_of_the_type_that_stood_there_come_first(site):
    node = next(one for one in site.expressions if isinstance(one, ast.Name) and one.id == "count")
    assert data_names(site, node)[:2] == ["total", "title"]


def test_without_an_interpreter_nothing_is_said(tmp_path):
    module = parse_module("rooms.py", CODE)
    (statement,) = module.statements_at(LINE)
    types = StaticTypes(tmp_path, tmp_path / "no-python").at(module, statement)
    assert types.members(ast.parse("self", mode="eval").body) is None
