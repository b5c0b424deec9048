"""What is sent into the project's interpreter: containment, a pytest fork server, patching, tracing.

Everything here runs in the *project's* Python (3.9 or later) with the standard library and pytest (7 or later) and
must not import `tracemend`. `__main__` loads this folder as the package `_tracemend_payload`, so that none of our
module names can shadow, or be shadowed by, a module of the project; siblings are imported relatively.

Reading order: `__main__` (start-up), `plugin` (pytest driven from inside), `server` (one fork a request), `operations`
(what a request can ask for), `hanging` (time limits), `patching` and `reload` (the two ways to try a patch), `holding`
(many patches on one test), `spectra` and `monitoring` (what tests execute).
"""
