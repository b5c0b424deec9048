from pathlib import Path

from sorter import free_name, sort_folder


def test_numbers_go_on(tmp_path):
    for name in ("tree.jpg", "tree-2.jpg", "tree-3.jpg"):
        (tmp_path / name).touch()
    assert free_name(tmp_path, Path("tree.jpg")).name == "tree-4.jpg"
    assert free_name(tmp_path, Path("tree-2.jpg")).name == "tree-2-2.jpg"


def test_names_without_suffix(tmp_path):
    (tmp_path / "notes").touch()
    assert free_name(tmp_path, Path("notes")).name == "notes-2"


def test_only_the_last_suffix_counts(tmp_path):
    (tmp_path / "a.tar.gz").touch()
    assert free_name(tmp_path, Path("a.tar.gz")).name == "a.tar-2.gz"


def test_other_folders_do_not_matter(tmp_path):
    folder = tmp_path / "x"
    folder.mkdir()
    (tmp_path / "tree.jpg").touch()
    assert free_name(folder, Path("tree.jpg")) == folder / "tree.jpg"


def test_second_run_keeps_the_first(tmp_path):
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    for text in ("one", "two", "three"):
        (source / "pic.PNG").write_text(text)
        sort_folder(source, target)
    assert (target / "pictures" / "pic.PNG").read_text() == "one"
    assert (target / "pictures" / "pic-2.PNG").read_text() == "two"
    assert (target / "pictures" / "pic-3.PNG").read_text() == "three"
    assert list(source.iterdir()) == []
