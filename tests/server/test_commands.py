"""Commands are there by name before any of them is imported."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tracemend.server.cli.app import COMMANDS, app


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name):
    result = CliRunner().invoke(app, [name, "--help"])
    assert result.exit_code == 0
    assert f"tracemend {name}" in result.output or f"{name} [OPTIONS]" in result.output


def test_a_name_nearly_right_is_suggested():
    result = CliRunner().invoke(app, ["chek"])
    assert result.exit_code == 2
    assert "Did you mean 'check'?" in result.output


def test_a_command_imports_no_other_one():
    ask = """
import sys
from typer.testing import CliRunner
from tracemend.server.cli.app import app
CliRunner().invoke(app, ["trace", "--help"])
print([name for name in ("fix", "watch", "bench", "check") if f"tracemend.server.cli.{name}" in sys.modules])
"""
    answer = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, text=True)
    assert answer.stdout == "[]\n"
