"""Policies come from texts, by way of the folder of compiled ones or not, with the same answers; the folder is private.

Each test that plants something in the folder sees that it is not believed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graven.engines import compiled as module
from graven.engines.compiled import compiled, place
from graven.rego import Builtin, Policy, PolicyErrors, compile_modules, declare

ALLOW = {"a.rego": "package a\n\nallow if input.x == 1\n"}
DENY = {"a.rego": "package a\n\nallow if input.x == 2\n"}


class _Kept:
    """A folder, what was warned of, and how often modules were compiled."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.warned: list[str] = []
        self.made = 0
        real = compile_modules

        def counted(*args: object, **options: object) -> Policy:
            self.made += 1
            return real(*args, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(module, "compile_modules", counted)

    def allow(self, modules: dict[str, str] = ALLOW, x: int = 1, **options: object) -> bool:
        policy = compiled(modules, folder=self.folder, warn=self.warned.append, **options)  # type: ignore[arg-type]
        return policy.evaluate("data.a.allow", {"x": x}).json() is True

    @property
    def file(self) -> Path:
        (found,) = self.folder.iterdir()
        return found


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Kept:
    return _Kept(tmp_path / "cache" / "policies", monkeypatch)


def test_what_was_compiled_once_is_not_compiled_again(kept: _Kept) -> None:
    assert kept.allow()
    assert kept.allow()
    assert kept.made == 1
    assert kept.warned == []


def test_the_folder_and_the_file_are_the_users_alone(kept: _Kept) -> None:
    kept.allow()
    assert kept.folder.stat().st_mode & 0o777 == 0o700
    assert kept.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "change",
    [
        {"modules": {"a.rego": ALLOW["a.rego"] + "\n"}},
        {"modules": {"b.rego": ALLOW["a.rego"]}},
        {"data": {"b": 1}},
        {"version": "v1"},
        {"version": {"a.rego": "v1"}},
        {"strict": True},
        {"builtins": [Builtin(declare("own.ask: string -> string"), str)]},
    ],
    ids=["text", "name", "data", "version", "version-of-a-file", "strict", "builtins"],
)
def test_whatever_goes_in_makes_another_policy(kept: _Kept, change: dict[str, object]) -> None:
    kept.allow()
    kept.allow(**change)  # type: ignore[arg-type]
    assert kept.made == 2


def test_another_build_of_the_engine_makes_another_policy(kept: _Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.allow()
    monkeypatch.setattr(module, "_engine", lambda: "another")
    assert kept.allow()
    assert kept.made == 2


def test_a_flipped_byte_is_seen_wherever_it_is(kept: _Kept) -> None:
    kept.allow()
    whole = kept.file.read_bytes()
    for at in (0, 20, len(whole) // 2, len(whole) - 1):
        kept.file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert kept.allow()
        assert kept.file.read_bytes()[:at] == whole[:at]
    assert kept.made == 5


@pytest.mark.parametrize("size", [0, 10, 100, 500])
def test_a_truncated_file_is_compiled_anew(kept: _Kept, size: int) -> None:
    kept.allow()
    kept.file.write_bytes(kept.file.read_bytes()[:size])
    assert kept.allow()
    assert kept.made == 2


def test_the_image_of_another_policy_under_a_name_is_what_only_the_owner_can_put_there(kept: _Kept) -> None:
    kept.allow(DENY)
    other = kept.file.read_bytes()
    kept.file.unlink()
    kept.allow()
    name = kept.file
    name.unlink()
    name.write_bytes(other)
    name.chmod(0o644)
    assert kept.allow()
    assert "mode 0644" in kept.warned[0]
    assert f"chmod 600 {name}" in kept.warned[0]


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o604, 0o602, 0o610])
def test_a_file_that_others_may_use_is_not_believed(kept: _Kept, mode: int) -> None:
    kept.allow()
    kept.file.chmod(mode)
    assert kept.allow()
    assert kept.made == 2
    assert len(kept.warned) == 1


@pytest.mark.parametrize("mode", [0o750, 0o770, 0o705, 0o777])
def test_a_folder_that_others_may_use_is_not_believed_nor_written_to(kept: _Kept, mode: int) -> None:
    kept.folder.mkdir(parents=True)
    kept.folder.chmod(mode)
    assert kept.allow()
    assert list(kept.folder.iterdir()) == []
    assert f"chmod 700 {kept.folder}" in kept.warned[0]


def test_a_link_in_place_of_a_file_is_not_followed(kept: _Kept) -> None:
    kept.allow()
    elsewhere = kept.folder.parent / "elsewhere"
    kept.file.rename(elsewhere)
    (name,) = [kept.folder / _name(kept)]
    name.symlink_to(elsewhere)
    assert kept.allow()
    assert kept.made == 3
    assert "no file that can be opened" in kept.warned[0]


def _name(kept: _Kept) -> str:
    kept.allow()
    name = kept.file.name
    kept.file.unlink()
    return name


def test_a_link_in_place_of_the_folder_is_not_followed(kept: _Kept) -> None:
    elsewhere = kept.folder.parent / "elsewhere"
    elsewhere.mkdir(parents=True, mode=0o700)
    kept.folder.symlink_to(elsewhere)
    assert kept.allow()
    assert list(elsewhere.iterdir()) == []
    assert "link" in kept.warned[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_what_belongs_to_somebody_else_is_not_believed(kept: _Kept) -> None:
    kept.allow()
    os.chown(kept.file, 65534, 65534)
    assert kept.allow()
    assert "belongs to user 65534" in kept.warned[0]
    os.chown(kept.folder, 65534, 65534)
    assert kept.allow()
    assert "belongs to user 65534" in kept.warned[1]
    assert kept.made == 3


def test_a_folder_that_cannot_be_made_is_done_without(kept: _Kept) -> None:
    kept.folder.parent.parent.mkdir(exist_ok=True)
    kept.folder.parent.write_text("a file where a folder would be")
    assert kept.allow()
    assert kept.made == 1


def test_the_folder_does_not_grow_without_end(kept: _Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FILES", 3)
    for at in range(6):
        kept.allow({"a.rego": ALLOW["a.rego"] + f"# {at}\n"})
    assert len(list(kept.folder.iterdir())) == 3
    monkeypatch.setattr(module, "MOST_BYTES", 3000)
    kept.allow({"a.rego": ALLOW["a.rego"] + "# more\n"})
    assert sum(file.stat().st_size for file in kept.folder.iterdir()) <= 3000


def test_a_builtin_of_the_caller_is_called_from_the_compiled_form(kept: _Kept) -> None:
    modules = {"a.rego": "package a\n\nallow if own.is(input.x)\n"}
    own = [Builtin(declare("own.is: number -> boolean"), lambda number: number == 1)]
    assert [kept.allow(modules, builtins=own), kept.allow(modules, 2, builtins=own)] == [True, False]
    assert kept.made == 1


def test_what_was_compiled_under_other_capabilities_is_not_taken(kept: _Kept) -> None:
    modules = {"a.rego": "package a\n\nallow if count([input.x]) == 1\n"}
    assert kept.allow(modules)
    with pytest.raises(PolicyErrors, match="undefined function count"):
        kept.allow(modules, capabilities={"builtins": [{"name": "equal"}], "features": ["rego_v1"]})


def test_the_place_is_the_one_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/a")
    assert str(place({})) == "/home/a/.cache/graven/policies"
    assert str(place({"XDG_CACHE_HOME": "/x"})) == "/x/graven/policies"
    assert str(place({"XDG_CACHE_HOME": "/x", "GRAVEN_CACHE": "/g"})) == "/g/policies"


def test_a_path_is_answered_from_the_folder_without_the_compiler(tmp_path: Path) -> None:
    code = f"""
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from graven.engines.compiled import compiled
policy = compiled({ALLOW!r}, folder=Path({str(tmp_path / "kept")!r}))
assert policy.evaluate("data.a.allow", {{"x": 1}}).json() is True
assert policy.rules()[0].inputs == ("input.x",)
heavy = ("graven.rego.lexer", "graven.rego.parse", "graven.rego.compile", "graven.rego.types", "dataclasses", "inspect")
print([name for name in heavy if name in sys.modules])
"""
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert "graven.rego.compile" in said[0].stdout
    assert said[1].stdout == "[]\n"


def test_runs_that_write_and_shrink_the_folder_at_once_do_not_hinder_one_another(tmp_path: Path) -> None:
    def run(number: int) -> list[int]:
        sources = ({"a.rego": f"package a\n\nn := {number * 100 + at}\n"} for at in range(40))
        return [compiled(each, folder=tmp_path / "policies").evaluate("data.a.n").json() for each in sources]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(run, range(8))) == [[number * 100 + at for at in range(40)] for number in range(8)]
