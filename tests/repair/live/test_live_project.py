"""A live project from the outside: edit, run, and see what ran and what is known."""

import os
import signal
from threading import Thread

import pytest
from live_harness import Live, restore_files
from project_fixture import make_project

from tracemend.repair.live import project as live_project
from tracemend.repair.live import runs
from tracemend.repair.live.events import PhaseChanged, RunDone, Stale, TestDone, Warmed, Warned
from tracemend.repair.runner.settings import Limits, RunnerSettings
from tracemend.repair.runner.traces import TraceCancelled, trace_test

SHOP = """
    #- shop/__init__.py
    #- shop/prices.py
    from shop.rates import RATE
    _cache = {}
    def price(net):
        if net not in _cache:
            _cache[net] = taxed(net)
        return _cache[net]
    def taxed(net):
        return net * (100 + RATE) / 100
    def total(prices):
        return sum(prices)
    #- shop/rates.py
    RATE = 20
    #- shop/names.py
    def title(name):
        return name.title()
    #- conftest.py
    import pytest
    from shop.prices import total
    @pytest.fixture(scope="module")
    def basket():
        return total([1, 2])
    #- test_prices.py
    from shop.prices import price, total
    def test_first():
        assert price(10) == 12
    def test_second():
        assert price(10) == 12
    def test_total():
        assert total([1, 2]) == 3
    #- test_basket.py
    def test_basket(basket):
        assert basket == 3
    def test_basket_again(basket):
        assert basket > 2
    #- test_names.py
    import pytest
    from shop.names import title
    @pytest.mark.parametrize("name", ["ann", "bob"])
    def test_title(name):
        assert title(name) == name.capitalize()
"""
PRICES = {"test_prices.py::test_first", "test_prices.py::test_second"}
TOTAL = {"test_prices.py::test_total", "test_basket.py::test_basket", "test_basket.py::test_basket_again"}
NAMES = {"test_names.py::test_title[ann]", "test_names.py::test_title[bob]"}
ALL = PRICES | TOTAL | NAMES


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    with Live(make_project(tmp_path_factory.mktemp("shop"), SHOP)) as live:
        live.settle()
        yield live


@pytest.fixture
def shop(warm):
    """The warm project; afterwards its files are as before."""
    warm.events.clear()
    yield warm
    restore_files(warm.root, SHOP)
    for path in sorted(warm.root.rglob("*.py")):
        warm.project.update(path.relative_to(warm.root).as_posix(), path.read_text())
    if (warm.root / "test_new.py").exists():
        warm.write("test_new.py", None)
    warm.run()
    warm.settle()


@pytest.mark.parametrize(
    ("path", "before", "after", "ran"),
    [
        pytest.param("shop/names.py", ".title()", ".upper()", NAMES, id="one function"),
        pytest.param("shop/prices.py", "sum(prices)", "max(prices)", TOTAL, id="a shared fixture calls it"),
        pytest.param("shop/prices.py", "100 + RATE", "100 - RATE", PRICES, id="behind a cache"),
        pytest.param("shop/rates.py", "20", "25", ALL, id="a constant that conftest.py reaches"),
        pytest.param("shop/names.py", "(name)", "(name, plain=0)", NAMES, id="a signature"),
        pytest.param("test_names.py", "== name.capitalize()", "!= name", NAMES, id="a test"),
        pytest.param("conftest.py", "[1, 2]", "[1, 1]", {one for one in TOTAL if "basket" in one}, id="a fixture"),
        pytest.param("shop/names.py", "return name", "# said\n    return name", set(), id="a comment"),
    ],
)  # fmt: skip
def test_an_edit_runs_what_executes_it(shop, path, before, after, ran):
    shop.edit(path, before, after)
    assert set(shop.run()) == ran


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [("shop/names.py", ".title()", ".upper()"), ("shop/names.py", "def title(name)", "def titled(name)")],
)
def test_an_edit_need_not_be_saved(shop, path, before, after):
    shop.edit(path, before, after, save=False)
    shop.run()
    state = shop.project.state()
    assert all(not one.result.green for test, one in state.results.items() if test in NAMES)
    assert {one.path for one in state.errors} <= {"test_names.py"}


def test_stale_results_are_told_at_once_and_red_ones_come_first(shop):
    shop.edit("shop/names.py", ".title()", ".lower()")
    assert set(shop.wait(Stale).tests) == NAMES
    assert shop.project.state().failing == ()
    assert set(shop.run().values()) == {"failed"}
    shop.edit("shop/rates.py", "20", "25")
    shop.edit("shop/names.py", ".lower()", ".upper()")
    shop.run()
    assert set(shop.started()[-1].tests[:2]) == NAMES


def test_a_new_test_runs_and_a_deleted_one_is_forgotten(shop):
    shop.edit("test_names.py", "def test_title(name)", "def test_other(name)")
    ran = shop.run()
    assert set(ran) == {"test_names.py::test_other[ann]", "test_names.py::test_other[bob]"}
    assert not NAMES & shop.project.state().results.keys()


def test_a_new_file_of_tests_runs(shop):
    shop.write("test_new.py", "def test_new():\n    assert 0\n")
    assert shop.run() == {"test_new.py::test_new": "failed"}


def test_a_file_that_does_not_parse_is_said_once_and_its_tests_wait(shop):
    shop.edit("shop/names.py", "return name", "return (name")
    assert shop.run() == {}
    state = shop.project.state()
    assert [(one.path, one.exception, one.frames[0].line) for one in state.errors] == [
        ("shop/names.py", "SyntaxError", 2)
    ]
    assert {test for test, one in state.results.items() if not one.fresh} == NAMES
    shop.edit("shop/names.py", "return (name", "return name")
    assert set(shop.run()) == NAMES
    assert shop.project.state().errors == ()


def test_a_test_file_that_cannot_be_imported_is_a_collection_error(shop):
    shop.edit("test_names.py", "from shop.names import title", "from shop.names import tittle")
    shop.run()
    (error,) = shop.project.state().errors
    assert (error.path, error.exception) == ("test_names.py", "ImportError")


def test_a_newer_run_ends_the_older_one_and_takes_over_what_it_left(shop):
    shop.edit("test_prices.py", "    assert total([1, 2]) == 3", "    while total([1, 2]) == 3: pass")
    shop.project.run_impacted()
    shop.wait_until(lambda: "test_prices.py::test_total" in shop.project.state().running)
    hanging = shop.started()[-1].number
    shop.edit("shop/names.py", ".title()", ".upper()")
    shop.edit("test_prices.py", "while total([1, 2]) == 3: pass", "assert total([1, 2]) == 3")
    ran = shop.run()
    assert shop.wait(RunDone, lambda one: one.number == hanging).ended == "cancelled"
    assert {*NAMES, "test_prices.py::test_total"} <= ran.keys()


def test_on_demand_runs_what_still_holds(shop):
    number = shop.project.run(["test_names.py::test_title[ann]"])
    assert shop.outcomes_of(number) == {"test_names.py::test_title[ann]": "passed"}
    assert shop.outcomes_of(shop.project.run(None)).keys() == ALL


def test_a_paused_project_only_marks(shop):
    shop.project.pause()
    shop.edit("shop/names.py", ".title()", ".upper()")
    shop.project.run_impacted()
    assert set(shop.wait(Stale).tests) == NAMES
    assert shop.started() == []
    assert shop.outcomes_of(shop.project.run(["test_names.py::test_title[ann]"])) != {}
    assert shop.project.state().phase == "paused"
    shop.project.resume()
    shop.wait_until(lambda: all(one.fresh for one in shop.project.state().results.values()))


def test_trace_and_suspects_of_a_failure(shop):
    shop.edit("shop/names.py", ".title()", ".lower()")
    shop.run()
    test = "test_names.py::test_title[ann]"
    trace = shop.project.trace(test)
    assert trace is not None
    assert "'ann'" in [step.values.get("name") for step in trace.steps if step.function == "title"]
    assert shop.project.trace(test) is trace
    assert next((one.path, one.line) for one in shop.project.suspects(test)) == ("shop/names.py", 2)
    shop.wait_until(lambda: shop.project.coverage()[test].get("shop/names.py") == {2})
    shop.edit("shop/names.py", ".lower()", ".title()")
    shop.run()
    assert shop.project.suspects(test) == ()


def test_a_trace_that_nobody_waits_for_is_given_up(shop):
    assert shop.project.trace("test_prices.py::test_total", cancelled=lambda: True) is None


def test_a_trace_that_a_run_ends_is_made_after_it(shop, monkeypatch):
    ended = []

    def end_first(runner, test, **options):
        if not ended:
            ended.append(shop.project.run([]))
            raise TraceCancelled  # As the runner does that the new plan has told to stop.
        return trace_test(runner, test, **options)

    monkeypatch.setattr(live_project, "trace_test", end_first)
    trace = shop.project.trace("test_prices.py::test_total")
    assert trace is not None and trace.outcome == "passed"
    assert shop.outcomes_of(ended[0]) == {}
    assert not [one for one in shop.events if isinstance(one, Warned)]


def test_a_trace_does_not_end_another_one(shop, monkeypatch):
    names = [f"test_prices.py::{name}" for name in ("test_first", "test_second")]
    traced, ended = [], []

    def ask_meanwhile(runner, test, **options):
        traced.append(test)
        if len(traced) == 1:
            monkeypatch.setattr(shop.project._zygotes, "cancel", lambda: ended.append(test))
            second.start()
            shop.wait_until(lambda: bool(shop.project._requests))
        return trace_test(runner, test, **options)

    second = Thread(target=lambda: found.append(shop.project.trace(names[1])))
    found = []
    monkeypatch.setattr(live_project, "trace_test", ask_meanwhile)
    found.append(shop.project.trace(names[0]))
    second.join()
    assert traced == names == [one.test for one in found]
    assert not ended


def test_a_trace_is_that_of_the_texts_it_was_made_of(shop, monkeypatch):
    test, ready = "test_names.py::test_title[ann]", shop.project._zygotes.ready

    def edit_behind():
        found = ready()
        monkeypatch.undo()
        shop.edit("shop/names.py", ".title()", ".upper()")
        shop.wait(Stale)
        return found

    monkeypatch.setattr(shop.project._zygotes, "ready", edit_behind)
    assert shop.project.trace(test).outcome == "passed"
    assert shop.project.trace(test).outcome == "failed"


def test_what_is_known_is_kept_before_the_runners_end(tmp_path, monkeypatch):
    with Live(make_project(tmp_path / "shop", SHOP), cache_dir=tmp_path / "cache") as live:
        live.settle()
        kept, close = [], live.project._zygotes.close

        def look_and_close():
            kept.append(live.project._store.load())
            close()

        live.project.ignore("test_prices.py::test_total")
        monkeypatch.setattr(live.project._zygotes, "close", look_and_close)
    assert kept[0].ignored == {"test_prices.py::test_total"}


def test_a_deleted_module_breaks_who_imports_it(shop):
    text = (shop.root / "shop/names.py").read_text()
    shop.write("shop/names.py", None)
    shop.run()
    shop.wait_until(lambda: bool(shop.project.state().errors))
    assert [one.path for one in shop.project.state().errors] == ["test_names.py"]
    shop.write("shop/names.py", text)
    shop.run()
    shop.wait_until(lambda: shop.project.state().errors == () and shop.project.state().results.keys() == ALL)


def test_a_killed_runner_is_replaced(shop):
    os.kill(shop.project._zygotes.current.runner._workers["collected"]._process.pid, signal.SIGKILL)
    shop.edit("shop/names.py", ".title()", ".upper()")
    assert set(shop.run().values()) == {"failed"}
    shop.wait(RunDone, lambda one: one.ended == "finished")


def test_what_is_only_slow_the_first_time_is_no_failure(tmp_path, monkeypatch):
    """A busy machine and being watched make a test slow; of an endless one it is told all the same."""
    snippet = """
        #- test_slow.py
        import time
        def test_slow():
            while time.process_time() < 1: pass
        def test_endless():
            while True: pass
    """
    monkeypatch.setattr(runs, "PATIENT", Limits(wall_s=120.0, cpu_s=2.5))
    settings = RunnerSettings(default_limits=Limits(wall_s=120.0, cpu_s=0.3))
    with Live(make_project(tmp_path, snippet), settings=settings) as live:
        live.wait(RunDone)
        outcomes = {one.result.test: one.result.outcome for one in live.events if isinstance(one, TestDone)}
        assert outcomes == {"test_slow.py::test_slow": "passed", "test_slow.py::test_endless": "timeout"}


def test_flaky_and_ignored(shop):
    shop.edit("test_names.py", "== name.capitalize()", "and __import__('time').time_ns() % 3")
    test = "test_names.py::test_title[ann]"
    for _ in range(40):
        shop.outcomes_of(shop.project.run([test]))
        if shop.project.state().results[test].flaky:
            break
    assert shop.project.state().results[test].flaky
    shop.project.ignore(test)
    assert shop.project.state().results[test].ignored
    assert test not in [one.result.test for one in shop.project.state().failing]
    shop.project.ignore(test, False)


def test_a_test_that_needs_others_runs_with_its_file(tmp_path):
    snippet = """
        #- test_steps.py
        done = []
        def test_one():
            done.append(one())
        def test_two():
            assert done
        def one():
            return 1
    """
    with Live(make_project(tmp_path, snippet)) as live:
        live.wait_until(lambda: live.project._model.board.history("test_steps.py::test_two").needs_others)
        live.edit("test_steps.py", "assert done", "assert done and True")
        assert live.run() == {"test_steps.py::test_one": "passed", "test_steps.py::test_two": "passed"}


def test_a_broken_conftest_is_a_state_and_not_the_end(tmp_path):
    snippet = """
        #- conftest.py
        import nowhere
        #- test_it.py
        def test_it(): pass
    """
    with Live(make_project(tmp_path, snippet)) as live:
        failed = live.wait(PhaseChanged, lambda one: one.phase == "failed")
        assert "nowhere" in failed.message
        live.write("conftest.py", "")
        assert live.run() == {"test_it.py::test_it": "passed"}
        assert live.project.state().phase == "idle"


def test_results_come_back_after_a_restart(tmp_path):
    project = make_project(tmp_path / "shop", SHOP)
    cache = tmp_path / "cache"
    with Live(project, cache_dir=cache) as live:
        live.settle()
        live.project.ignore("test_prices.py::test_total")
    restore_files(
        project.root, SHOP.replace(".title()", ".upper()").replace("RATE = 20", "RATE = 20  # per cent")
    )
    with Live(project, cache_dir=cache) as live:
        live.wait(Warmed)
        first = live.wait(RunDone)
        assert set(live.started()[0].tests) == NAMES
        assert first.ended == "finished"
        state = live.project.state()
        assert state.results.keys() == ALL
        assert state.results["test_prices.py::test_total"].ignored
        assert all(one.fresh for one in state.results.values())


def test_closing_leaves_nothing(tmp_path):
    live = Live(make_project(tmp_path, SHOP))
    with live:
        live.settle()
        pid = live.project._zygotes.current.runner._workers["collected"]._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert live.project.state().phase == "stopped"
    live.project.close()
