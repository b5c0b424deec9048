from backups import Log, backups, rotate


def contents(log):
    return {path.name: path.read_text() for path in backups(log)}


def test_oldest_backup_is_dropped(tmp_path):
    log = tmp_path / "l"
    for text in "abcde":
        log.write_text(text)
        rotate(log, 3)
    assert contents(log) == {"l.1": "e", "l.2": "d", "l.3": "c"}


def test_two_backups(tmp_path):
    log = tmp_path / "l"
    for text in "abc":
        log.write_text(text)
        rotate(log, 2)
    assert contents(log) == {"l.1": "c", "l.2": "b"}


def test_each_step(tmp_path):
    log = tmp_path / "l"
    seen = []
    for text in "abc":
        log.write_text(text)
        rotate(log, 5)
        seen.append("".join(contents(log).values()))
    assert seen == ["a", "ba", "cba"]


def test_gap_is_kept_small(tmp_path):
    log = tmp_path / "l"
    log.write_text("new")
    (tmp_path / "l.2").write_text("old")
    rotate(log, 3)
    assert contents(log) == {"l.1": "new", "l.3": "old"}


def test_nothing_to_keep(tmp_path):
    log = tmp_path / "l"
    log.write_text("a")
    rotate(log, 0)
    assert log.read_text() == "a"
    assert contents(log) == {}


def test_missing_file_moves_nothing(tmp_path):
    (tmp_path / "l.1").write_text("a")
    rotate(tmp_path / "l", 3)
    assert contents(tmp_path / "l") == {"l.1": "a"}


def test_other_files_are_no_backups(tmp_path):
    for name in ("l.1", "l.10", "l.2", "l.txt", "k.1"):
        (tmp_path / name).write_text("")
    assert [path.name for path in backups(tmp_path / "l")] == ["l.1", "l.2", "l.10"]


def test_messages_stay_in_order(tmp_path):
    log = Log(tmp_path / "l", limit=1, keep=3)
    for message in "abcde":
        log.write(message)
    assert log.lines() == ["e"]
    assert contents(tmp_path / "l") == {"l.1": "d\n", "l.2": "c\n", "l.3": "b\n"}
