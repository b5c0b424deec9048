"""Shipping quotes for a small web shop. All amounts are integer cents."""

FREE_FROM = 5000
BASE_FEE = 490
FEE_PER_EXTRA_KILO = 120
INCLUDED_KILOS = 2


def shipping_fee(subtotal, kilos, express=False):
    """Return the shipping fee for an order.

    Orders from FREE_FROM upwards ship for free; the express supplement of
    990 cents is always charged. Each started kilo above the included ones
    costs extra.
    """
    supplement = 990 if express else 0
    if subtotal > FREE_FROM:
        return supplement
    extra = 0
    if kilos > INCLUDED_KILOS:
        whole = int(kilos - INCLUDED_KILOS)
        extra = whole + (1 if kilos - INCLUDED_KILOS > whole else 0)
    return BASE_FEE + extra * FEE_PER_EXTRA_KILO + supplement


def order_total(subtotal, kilos, express=False):
    return subtotal + shipping_fee(subtotal, kilos, express)
