"""What holds for the whole suite.

The projects under test are run by this environment's Python, whose pytest would load the plug-ins that this suite
itself uses (pytest-lsp alone takes half a second a start) hundreds of times. Tests about plug-ins say so themselves.
And no verdict may depend on how busy the machine is, which hypothesis' deadline and one of its health checks do.
"""

import os

from hypothesis import HealthCheck, settings

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"

settings.register_profile("tracemend", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tracemend")
