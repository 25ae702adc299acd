"""HCL 2, HCL 1 and Dockerfiles read by conftest and by us: the same JSON, and the same refusals."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graven.documents import parse
from graven.errors import GravenError

if TYPE_CHECKING:
    from interop.conftest import Peer

pytestmark = pytest.mark.interop

VECTORS = Path(__file__).parent.parent / "vectors" / "syntax"
REFUSED = "refused"
BY_PEER = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def theirs(peer: Peer, parser: str, text: bytes) -> Any:
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        words = [peer("conftest"), "parse", "--parser", parser, file.name]
        done = subprocess.run(words, capture_output=True, check=False, timeout=60)
    return json.loads(done.stdout) if done.returncode == 0 else REFUSED


def ours(parser: str, text: bytes) -> Any:
    try:
        (document,) = parse(text, file="x", parser=parser)
    except GravenError:
        return REFUSED
    return document.value


@pytest.mark.parametrize("parser", ["hcl2", "hcl1", "dockerfile"])
def test_the_kept_answers_are_those_of_conftest(parser: str, peer: Peer) -> None:
    for row in json.loads((VECTORS / f"{parser}.json").read_text("utf-8")):
        assert theirs(peer, parser, row["text"].encode("latin-1")) == row.get("value", REFUSED), row["text"]


NAMES = st.sampled_from(["a", "b-c", "for_each", "if", "null", "true", "é", "x1"])
PIECES = st.text(alphabet='ab $%{}~\\"\né\t', max_size=8)


def quoted(text: str) -> str:
    return '"' + text.replace("\n", "") + '"'


def template(parts: list[str]) -> str:
    return '"' + "".join(parts) + '"'


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda both: f"{both[0]} + {both[1]}"),
        two.map(lambda both: f"[{both[0]}, {both[1]}]"),
        two.map(lambda both: f"({both[0]} == {both[1]})"),
        st.tuples(NAMES, inner).map(lambda both: f"{{ {both[0]} = {both[1]} }}"),
        st.tuples(inner, inner).map(lambda both: f"{{\n({both[0]}) : {both[1]},\n}}"),
        inner.map(lambda one: f"f({one}...)"),
        inner.map(lambda one: f"-{one}"),
        inner.map(lambda one: f"!{one}"),
        st.tuples(inner, inner, inner).map(lambda all_: f"{all_[0]} ? {all_[1]} : {all_[2]}"),
        st.tuples(NAMES, inner).map(lambda both: f"[for {both[0]} in {both[1]} : {both[0]}]"),
        st.tuples(NAMES, inner).map(lambda both: f"{both[0]}[{both[1]}].b[*].c"),
        inner.map(lambda one: template(["x", f"${{ {one} }}"])),
        inner.map(lambda one: template([f"${{{one}}}"])),
        inner.map(lambda one: template([" %{ if ", one, " ~} a %{ else }", f"${{~{one}~}}", " %{~ endif } "])),
        inner.map(lambda one: f"<<-E\n    x ${{{one}}}\n  y\n\n  E\n"),
        inner.map(lambda one: f"<<E\n %{{for k, v in {one}~}}\n ${{k}}\n%{{endfor}}\nE\n"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(
        NAMES, st.sampled_from(["1", "-1", "1.50", "1e3", "0", "var.x.y", "x.0", "x.*.y", '""']), PIECES.map(quoted)
    ),
    grown,
    max_leaves=8,
)


def body(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    lines = st.one_of(
        st.tuples(NAMES, EXPRESSIONS).map(lambda both: f"{both[0]} = {both[1]}"),
        st.tuples(NAMES, PIECES.map(quoted), inner).map(lambda all_: f"{all_[0]} {all_[1]} b {{\n{all_[2]}\n}}"),
        st.tuples(NAMES, inner).map(lambda both: f"{both[0]} {{\n{both[1]}\n}} # c"),
        st.tuples(NAMES, EXPRESSIONS).map(lambda both: f"b {{ {both[0]} = {both[1]} }}"),
    )
    return st.lists(lines, max_size=3).map("\n".join)


@given(text=st.recursive(st.just(""), body, max_leaves=4))
@BY_PEER
def test_generated_hcl_is_read_as_conftest_reads_it(text: str, peer: Peer) -> None:
    assert ours("hcl2", text.encode()) == theirs(peer, "hcl2", text.encode())


@given(
    text=st.lists(
        st.sampled_from([*'ab $%{}~x"\\\n', "${", "%{", "$${", "~}", "if a", "endif", "else", "  "]), max_size=12
    )
)
@BY_PEER
def test_generated_strings_are_read_as_conftest_reads_them(text: list[str], peer: Peer) -> None:
    joined = "".join(text)
    for form in (f'a = "{joined}"\n', f"a = <<-E\n  {joined}\n E\n"):
        assert ours("hcl2", form.encode()) == theirs(peer, "hcl2", form.encode()), form


ITEMS = st.recursive(
    st.sampled_from(
        ["a = 1", 'a = "x"', "b = true", "c = [1, 2]", "c = [{d = 1}]", "e = {}", 'f = "${x("y")}"', "g = 0x1f"]
    ),
    lambda inner: st.tuples(
        st.sampled_from(["a", "c", 'c "x"', 'c "x" "y"', 'd "X"']), st.lists(inner, max_size=3)
    ).map(lambda both: f"{both[0]} {{\n" + "\n".join(both[1]) + "\n}"),
    max_leaves=6,
)


@given(items=st.lists(ITEMS, max_size=4))
@BY_PEER
def test_generated_hcl_1_is_read_as_conftest_reads_it(items: list[str], peer: Peer) -> None:
    text = "\n".join(items).encode()
    assert ours("hcl1", text) == theirs(peer, "hcl1", text)


INSTRUCTIONS = st.tuples(
    st.sampled_from(
        [
            "RUN",
            "CMD",
            "ENV",
            "ARG",
            "COPY",
            "ADD",
            "EXPOSE",
            "VOLUME",
            "LABEL",
            "USER",
            "WORKDIR",
            "HEALTHCHECK",
            "ONBUILD",
            "ENTRYPOINT",
            "SHELL",
            "#",
            "FROM",
        ]
    ),
    st.lists(
        st.sampled_from(
            [
                "a",
                "b=c",
                '["x", "y"]',
                "--from=a",
                "--link",
                "CMD",
                "RUN",
                '"q r"',
                "\\ ",
                "\\\n",
                "<<E\nE\n",
                "=",
                "é",
                "'",
            ]
        ),
        max_size=4,
    ),
).map(lambda both: f"{both[0]} {' '.join(both[1])}")


@given(lines=st.lists(INSTRUCTIONS, max_size=4))
@BY_PEER
def test_generated_dockerfiles_are_read_as_conftest_reads_them(lines: list[str], peer: Peer) -> None:
    text = "\n".join(["FROM a", *lines]).encode()
    assert ours("dockerfile", text) == theirs(peer, "dockerfile", text)
