"""The settings as others need them: a table for `docs/configuration.md`, a JSON object for the plug-in of VS Code.

python -m tracemend.server.schema_pages table | vscode
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .config import Config
from .schema import (
    CHOOSES_ENDPOINT,
    CONSENT_SETTINGS,
    EDITOR_SETTINGS,
    MODEL_SETTINGS,
    PROJECT_SETTINGS,
    SETTINGS,
    Setting,
)

USAGE = "usage: python -m tracemend.server.schema_pages table | vscode"


def markdown_table(settings: Sequence[Setting]) -> str:
    """Return the rows as a Markdown table."""
    head = "| key | takes | default | meaning |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{one.key}` | {one.kind.takes} | {_default_text(one)} | {one.meaning} |\n" for one in settings
    )


def vscode_settings() -> dict[str, Any]:
    """Return what `contributes.configuration` and `capabilities.untrustedWorkspaces` of the plug-in need.

    VS Code has a trust of its own, which the plug-in passes on; `trusted` is therefore no setting there.
    """
    shown = [one for one in SETTINGS if not one.editor_only and not one.not_in_editors]
    return {
        "properties": {f"tracemend.{one.editor_key}": _property(one) for one in shown},
        "restrictedConfigurations": [f"tracemend.{one.editor_key}" for one in shown if one.decides_what_runs],
    }


def main(arguments: Sequence[str]) -> int:
    """Print one of the pages."""
    if list(arguments) == ["table"]:
        print(markdown_table(PROJECT_SETTINGS))
        print(markdown_table(CONSENT_SETTINGS))
        print(markdown_table(MODEL_SETTINGS))
        print(markdown_table(EDITOR_SETTINGS), end="")
        return 0
    if list(arguments) == ["vscode"]:
        print(json.dumps(vscode_settings(), indent=2))
        return 0
    print(USAGE, file=sys.stderr)
    return 2


def _default_text(setting: Setting) -> str:
    if setting.default:
        return setting.default
    value = _default_value(setting)
    return "none" if value in (None, []) else f"`{json.dumps(value)}`".replace('"', "")


def _property(setting: Setting) -> dict[str, Any]:
    value = _default_value(setting)
    schema = dict(setting.kind.json_schema)
    if value is None:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    meaning = setting.meaning[0].upper() + setting.meaning[1:]
    # Pages of ours are not where VS Code shows this.
    meaning = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", meaning)
    default = f" Default: {setting.default}." if setting.default else ""
    # A setting of scope "machine" is not read from a file of the workspace, which may be a stranger's.
    scope = "machine" if setting.key in CHOOSES_ENDPOINT else "resource"
    return {**schema, "default": value, "scope": scope, "markdownDescription": f"{meaning}.{default}"}


def _default_value(setting: Setting) -> Any:
    value = asdict(Config())[setting.attribute]
    return list(value) if isinstance(value, tuple) else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
