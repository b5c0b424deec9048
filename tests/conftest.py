"""What holds for the whole suite.

The projects under test are run by this environment's Python, whose pytest would load the plug-ins that this suite
itself uses (pytest-lsp alone takes half a second a start) hundreds of times. Tests about plug-ins say so themselves.
Journals and memories go to a folder that ends with the run. And no verdict may depend on how busy the machine is,
which hypothesis' deadline and one of its health checks do.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("tracemend", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tracemend")


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Set what the projects under test inherit: not at import, or the workers of pytest-xdist would inherit it, too."""
    patch = pytest.MonkeyPatch()
    patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for name in [one for one in os.environ if one.startswith("PYTEST_XDIST")]:
        patch.delenv(name)
    yield
    patch.undo()
