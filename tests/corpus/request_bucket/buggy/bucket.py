"""Rate limiting with a token bucket; the clock is passed in."""


class Bucket:
    """Holds at most `size` tokens and gains `rate` tokens per second.

    The bucket starts full. Each request takes one token.
    """

    def __init__(self, size, rate, now=0.0):
        self.size = size
        self.rate = rate
        self.tokens = float(size)
        self.updated = now

    def _refill(self, now):
        gained = (now - self.updated) * self.rate
        self.tokens = self.tokens + gained
        self.updated = now

    def allow(self, now):
        """Whether a request at that time is within the limit."""
        self._refill(now)
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    def wait_time(self, now):
        """Seconds until the next request would be allowed."""
        self._refill(now)
        return max(0.0, (1 - self.tokens) / self.rate)
