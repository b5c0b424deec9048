from auction import Auction


def sale(bids, reserve=0):
    auction = Auction(reserve)
    for bidder, amount in bids:
        auction.bid(bidder, amount)
    return auction


def test_order_of_bids_does_not_matter():
    assert sale([("a", 1), ("b", 2), ("c", 3)]).winner() == "c"
    assert sale([("c", 3), ("b", 2), ("a", 1)]).winner() == "c"
    assert sale([("a", 1), ("b", 9), ("c", 3)]).winner() == "b"


def test_first_of_equal_bids():
    assert sale([("z", 5), ("a", 5), ("m", 4)]).winner() == "z"
    assert sale([("a", 4), ("z", 5), ("m", 5)]).winner() == "z"


def test_raising_a_bid():
    assert sale([("a", 5), ("b", 6), ("a", 7)]).winner() == "a"
    assert sale([("a", 8), ("b", 6), ("a", 2)]).winner() == "a"


def test_reserve():
    assert sale([("a", 5), ("b", 10)], reserve=10).winner() == "b"
    assert sale([("a", 5), ("b", 9)], reserve=10).winner() is None
    assert sale([]).winner() is None
    assert sale([("a", 12), ("b", 11)], reserve=10).winner() == "a"
