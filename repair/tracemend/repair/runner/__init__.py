"""Running: tests of the project, in the project's own interpreter, contained and bounded.

`results` holds what comes back, `settings` what is asked for, `client` the warm fork server as seen from here,
`payload/` the code that is sent into the project's interpreter (standard library and pytest alone, Python 3.9 on).
"""
