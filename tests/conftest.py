"""What holds for the whole suite.

The projects under test are run by this environment's Python, whose pytest would load the plug-ins that this suite
itself uses (pytest-lsp alone takes half a second a start) hundreds of times. Tests about plug-ins say so themselves.
Journals and memories go to a folder that ends with the run. And no verdict may depend on how busy the machine is,
which hypothesis' deadline and one of its health checks do.
"""

import atexit
import os
import shutil
import tempfile

from hypothesis import HealthCheck, settings

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="tracemend-state-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

settings.register_profile("tracemend", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tracemend")
