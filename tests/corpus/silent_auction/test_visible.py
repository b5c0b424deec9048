from auction import Auction


def sale(reserve=0, **bids):
    auction = Auction(reserve)
    for bidder, amount in bids.items():
        auction.bid(bidder, amount)
    return auction


def test_single_bidder_wins():
    assert sale(ann=20).winner() == "ann"


def test_highest_bid_wins():
    assert sale(ann=20, bob=35, cleo=30).winner() == "bob"


def test_reserve_price():
    assert sale(reserve=50, ann=20).winner() is None


def test_ranking():
    assert sale(ann=20, bob=35, cleo=30).ranking() == ["bob", "cleo", "ann"]
