# tiers: namespaces landlock limits
"""Never comes back from C, where no Python signal handler runs."""

import signal

for number in (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGPROF, signal.SIGALRM):
    signal.signal(number, lambda *_: None)
sum(range(1 << 60))
