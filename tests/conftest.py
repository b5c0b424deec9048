"""What holds for the whole suite.

The projects under test are run by this environment's Python, whose pytest would load the plug-ins that this suite
itself uses (pytest-lsp alone takes half a second a start) hundreds of times. Tests about plug-ins say so themselves.
"""

import os

os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
