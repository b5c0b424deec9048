from bots import Bot, action
from house_bots import ButlerBot, KitchenBot, PoliteBot


def test_actions_of_all_bots():
    assert Bot.actions == {}
    assert PoliteBot.actions == {"hello": "greet"}
    assert KitchenBot.actions == {"hello": "greet", "buy": "note"}
    assert ButlerBot.actions == {"hello": "bow"}


def test_overriding_concerns_the_child_alone():
    assert PoliteBot("Ada").reply("hello") == "Hello, Ada!"
    assert KitchenBot("Ada").reply("hello") == "Hello, Ada!"


def test_siblings_do_not_share():
    assert ButlerBot("Ada").reply("buy milk") == "I only know: hello"


def test_three_generations():
    class Chef(KitchenBot):
        @action("cook")
        def cook(self, rest):
            return f"{rest} is ready"

    assert Chef("Ada").reply("cook soup") == "soup is ready"
    assert Chef("Ada").reply("buy salt") == "1 to buy"
    assert Chef("Ada").reply("x") == "I only know: buy, cook, hello"
    assert KitchenBot("Ada").reply("cook soup") == "I only know: buy, hello"


def test_child_without_actions():
    class Guest(ButlerBot):
        pass

    assert Guest.actions == {"hello": "bow"}
    assert Guest.actions is not ButlerBot.actions


def test_method_overridden_without_mark():
    class Rude(PoliteBot):
        def greet(self, rest):
            return "What?"

    assert Rude("Ada").reply("hello") == "What?"


def test_lists_are_per_bot():
    one, other = KitchenBot("Ada"), KitchenBot("Bo")
    one.reply("buy milk")
    assert one.reply("buy rice") == "2 to buy"
    assert other.reply("BUY rice") == "1 to buy"
