"""What a project's own settings ask for and do not get unless the user agrees, and how that is told: in one line.

A `pyproject.toml` comes with the code of strangers. What it may not decide is kept apart when the settings are read
(`config.with_project_settings`); the user agrees by the command line, by their editor, or by their own settings file,
which no project can write. Endpoints of models are consented to alike, in `model_settings`.
"""

from __future__ import annotations

from tracemend.repair.runner.settings import SandboxMode

from .config import Config, user_config_file


def loosening_notice(config: Config, sandbox: SandboxMode | None = None) -> str | None:
    """Return what to tell where the project asks to be held in less than usual; None where it does not.

    `sandbox` is what the user says about it, which settles that much.
    """
    refused = [one for one in config.refused if sandbox is None or not one.startswith("sandbox")]
    if not refused:
        return None
    flag = "pass --sandbox off, or " if any(one.startswith("sandbox") for one in refused) else ""
    return (
        f"This project's pyproject.toml loosens what holds its tests in: {', '.join(refused)}. That does not count "
        f"unless you agree: {flag}list the project in trusted-projects of {user_config_file()}."
    )
