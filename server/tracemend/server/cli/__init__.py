"""The command line, one file a command. `main` holds the entry point, `errors` the exit codes.

Results go to stdout, progress and problems to stderr, so that a pipe receives the result alone.
"""
