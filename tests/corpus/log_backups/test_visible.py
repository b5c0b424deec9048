from backups import Log, backups, rotate


def test_file_becomes_the_first_backup(tmp_path):
    log = tmp_path / "app.log"
    log.write_text("one")
    rotate(log, 3)
    assert not log.exists()
    assert (tmp_path / "app.log.1").read_text() == "one"


def test_backups_move_on(tmp_path):
    log = tmp_path / "app.log"
    for text in ("one", "two", "three"):
        log.write_text(text)
        rotate(log, 3)
    assert [path.read_text() for path in backups(log)] == ["three", "two", "one"]


def test_only_one_backup(tmp_path):
    log = tmp_path / "app.log"
    for text in ("one", "two"):
        log.write_text(text)
        rotate(log, 1)
    assert [path.read_text() for path in backups(log)] == ["two"]


def test_missing_file(tmp_path):
    rotate(tmp_path / "app.log", 3)
    assert backups(tmp_path / "app.log") == []


def test_log_is_rotated(tmp_path):
    log = Log(tmp_path / "app.log", limit=2)
    for message in "abc":
        log.write(message)
    assert log.lines() == ["c"]
    assert (tmp_path / "app.log.1").read_text() == "a\nb\n"
