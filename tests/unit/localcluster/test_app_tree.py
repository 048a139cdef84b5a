"""What is done to /app, in an image that is being built and beside one."""

from pathlib import Path

from dragops_localcluster.app_tree import compile_tree, make_readable, tidy


def test_what_differs_between_installers_is_left_out(tmp_path: Path) -> None:
    """Which one it was, and the paths of the machine where it ran."""
    info = tmp_path / "x-1.dist-info"
    for path in [tmp_path / "bin", info, tmp_path / "x"]:
        path.mkdir()
    for name in ["RECORD", "INSTALLER", "REQUESTED", "METADATA"]:
        (info / name).touch()
    for path in [tmp_path / "bin" / "x", tmp_path / ".lock", tmp_path / "x" / "RECORD"]:
        path.touch()

    tidy(tmp_path)

    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["x", "x-1.dist-info", "x-1.dist-info/METADATA", "x/RECORD"]


def test_files_of_a_closed_checkout_can_be_read_by_the_images_user(tmp_path: Path) -> None:
    """A checkout that was made under umask 077 gives a working image, too."""
    (tmp_path / "folder").mkdir(mode=0o700)
    for name, mode in [("module.py", 0o600), ("program", 0o700)]:
        (tmp_path / "folder" / name).touch()
        (tmp_path / "folder" / name).chmod(mode)
    (tmp_path / "link").symlink_to("/nowhere")

    make_readable(tmp_path)

    modes = {path.name: path.lstat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"folder": 0o755, "module.py": 0o644, "program": 0o755, "link": 0o777}


def test_bytecode_names_the_place_where_it_will_be(tmp_path: Path) -> None:
    """Tracebacks in a pod lead to its own files; what does not compile is named."""
    (tmp_path / "module.py").write_text("def f(): pass\n")

    assert compile_tree(tmp_path, "/app/src") == ""

    (compiled,) = (tmp_path / "__pycache__").iterdir()
    assert b"/app/src/module.py" in compiled.read_bytes()
    (tmp_path / "half.py").write_text("def half(:\n")
    assert "half.py" in compile_tree(tmp_path, "/app/src")
