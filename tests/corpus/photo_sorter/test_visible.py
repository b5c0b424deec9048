from pathlib import Path

from sorter import free_name, kind_of, sort_folder


def test_kinds():
    assert kind_of(Path("a.JPG")) == "photos"
    assert kind_of(Path("a.txt")) == "other"


def test_sort(tmp_path):
    source = tmp_path / "in"
    source.mkdir()
    for name in ("a.jpg", "b.png", "c"):
        (source / name).write_text(name)
    assert sort_folder(source, tmp_path / "out") == ["other/c", "photos/a.jpg", "pictures/b.png"]


def test_taken_name_gets_a_number(tmp_path):
    (tmp_path / "tree.jpg").touch()
    assert free_name(tmp_path, Path("x/tree.jpg")).name == "tree-2.jpg"


def test_free_name_is_kept(tmp_path):
    assert free_name(tmp_path, Path("x/tree.jpg")) == tmp_path / "tree.jpg"
