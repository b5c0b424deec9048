from bots import Bot
from house_bots import ButlerBot, KitchenBot, PoliteBot


def test_own_action():
    assert KitchenBot("Ada").reply("buy milk") == "1 to buy"


def test_inherited_action():
    assert KitchenBot("Ada").reply("hello Bo") == "Hello, Bo!"


def test_overridden_action():
    assert ButlerBot("Ada").reply("Hello") == "Good evening, Ada."


def test_parent_does_not_learn_from_its_children():
    assert PoliteBot("Ada").reply("dance") == "I only know: hello"


def test_base_knows_nothing():
    assert Bot("Ada").reply("hello") == "I only know: nothing"
