import textwrap

from tracemend.analysis.syntax.module import parse_module
from tracemend.repair.propose.donors import DonorPool, collect_donors

SHOP = parse_module(
    "shop.py",
    textwrap.dedent("""\
        import math
        from decimal import Decimal as D

        LIMIT = 10

        def far(x):
            return math.floor(x) + far_away[0]

        class Cart:
            def other(self):
                if self.closed:
                    raise ValueError("closed")

            def add(self, item):
                self.items.append(item)
                if item in self.seen:
                    return None
                return len(self.items)
    """),
)
OTHER = parse_module("other.py", "import json\nvalue = json.loads(text)\n")


def donors_at(line, others=()):
    (statement,) = SHOP.statements_at(line)
    return collect_donors(SHOP, statement, others)


def test_the_same_function_comes_first_then_the_class_then_the_module():
    assert donors_at(18).calls[:2] == ("self.items.append(item)", 'ValueError("closed")')
    assert donors_at(18).calls[-1] == "math.floor(x)"


def test_a_statement_does_not_donate_to_itself():
    (statement,) = SHOP.statements_at(18)
    assert "len(self.items)" not in DonorPool().at(SHOP, statement).calls[:1]
    assert donors_at(16).conditions[0] == "self.closed"


def test_attributes_know_which_are_called():
    assert {"append()", "items", "closed"} <= set(donors_at(18).attributes)
    assert "append" not in donors_at(18).attributes


def test_imports_are_given_as_statements():
    imports = donors_at(18, [OTHER]).imports
    assert imports == {"math": "import math", "D": "from decimal import Decimal as D", "json": "import json"}


def test_other_modules_come_last():
    assert donors_at(18, [OTHER]).calls[-1] == "json.loads(text)"
