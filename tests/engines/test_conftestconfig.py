"""What conftest.toml and CONFTEST_* say, and which of them counts."""

from pathlib import Path

import pytest

from graven.engines.conftestconfig import Config, read_config
from graven.errors import Malformed


def config(tmp_path: Path, text: str, kind: str = "toml", env: dict[str, str] | None = None) -> Config:
    (tmp_path / f"conftest.{kind}").write_text(text)
    return read_config(env or {}, folder=str(tmp_path))


def test_without_a_file_the_defaults_count(tmp_path: Path) -> None:
    found = read_config({}, folder=str(tmp_path))
    assert (found.path, found.text("output", "stdout"), found.flag("strict"), found.list("policy", ("policy",))) == (
        "",
        "stdout",
        False,
        ("policy",),
    )


def test_keys_of_the_file_count_regardless_of_case(tmp_path: Path) -> None:
    found = config(tmp_path, 'Policy = ["a", "b"]\nno-color = 1\nOUTPUT = "tap"\nnamespace = "x,y"\nrego-version = 0')
    assert found.list("policy") == ("a", "b")
    assert found.list("namespace") == ("x", "y")
    assert found.flag("no-color")
    assert found.text("output") == "tap"
    assert found.text("rego-version") == "0"


def test_the_environment_beats_the_file_unless_it_is_empty(tmp_path: Path) -> None:
    env = {"CONFTEST_OUTPUT": "json", "CONFTEST_FAIL_ON_WARN": "true", "CONFTEST_PARSER": ""}
    found = config(tmp_path, 'output = "tap"\nparser = "ini"', env=env)
    assert (found.text("output"), found.flag("fail-on-warn"), found.text("parser")) == ("json", True, "ini")


@pytest.mark.parametrize("kind", ["yaml", "yml", "json"])
def test_other_formats_are_read(tmp_path: Path, kind: str) -> None:
    assert config(tmp_path, '{"policy": ["p"]}', kind).list("policy") == ("p",)


def test_json_is_looked_for_before_toml(tmp_path: Path) -> None:
    (tmp_path / "conftest.json").write_text('{"output": "table"}')
    assert config(tmp_path, 'output = "tap"').text("output") == "table"


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match=r"open nope\.toml: no such file or directory"):
        read_config({}, path="nope.toml")
    (tmp_path / "x.toml").write_text("trace = true")
    assert read_config({"CONFTEST_CONFIG_FILE": str(tmp_path / "x.toml")}).flag("trace")


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("c.xyz", "", 'Unsupported Config Type "xyz"'),
        ("c.toml", "policy = [", "While parsing config: toml: "),
        ("c.json", "[1]", "While parsing config: json: got a list, expected an object"),
        ("c.hcl", "", "decoder not found for this format"),
    ],
)
def test_a_file_that_cannot_be_read_says_so(tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(Malformed, match=reason):
        read_config({}, path=str(tmp_path / name))


@pytest.mark.parametrize(
    ("ask", "reason"),
    [
        (lambda c: c.flag("a"), r"'a' cannot parse value as 'bool': strconv\.ParseBool: invalid syntax"),
        (lambda c: c.text("b"), r"'b' expected type 'string', got unconvertible type '\[\]interface \{\}'"),
        (lambda c: c.list("c"), r"'c\[0\]' expected type 'string', got unconvertible type 'map"),
        (lambda c: c.flag("b"), r"'b' expected type 'bool', got unconvertible type"),
    ],
)
def test_a_value_that_an_option_cannot_take_is_refused(tmp_path: Path, ask: object, reason: str) -> None:
    found = config(tmp_path, 'a = "maybe"\nb = ["x"]\nc = {x = 1}')
    with pytest.raises(Malformed, match=reason):
        ask(found)  # type: ignore[operator]
