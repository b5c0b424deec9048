"""Prices in cents, with volume discounts and coupons."""

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Coupon:
    """A coupon takes `percent` off orders of at least `minimum` cents."""

    code: str
    percent: int
    minimum: int = 0


def volume_discount(quantity: int) -> int:
    """Percent off for buying many copies: 5 from ten copies on, 10 from fifty on."""
    if quantity > 50:
        return 10
    if quantity >= 10:
        return 5
    return 0


def line_total(price: int, quantity: int) -> int:
    """What `quantity` copies cost, volume discount included."""
    full = price * quantity
    return full - full * volume_discount(quantity) // 100


def apply_coupon(total: int, coupon: Optional[Coupon]) -> int:
    """The total after a coupon; an order may come without one."""
    if total < coupon.minimum:
        return total
    return total - total * coupon.percent // 100
