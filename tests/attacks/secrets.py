# tiers: namespaces landlock limits
"""Looks for secrets and ways out in the environment."""

import os

from attack import escaped

for name in ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK", "HTTPS_PROXY", "MY_API_KEY"):
    if name in os.environ:
        escaped(name)
