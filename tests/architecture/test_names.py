"""Names say something, modules say what they export, and the tree speaks of graven alone."""

from __future__ import annotations

import ast
import re
import subprocess

from architecture.tree import ROOT, modules, name

EMPTY = {
    "utils",
    "util",
    "common",
    "manager",
    "service",
    "services",
    "base",
    "misc",
    "helpers",
    "helper",
    "core",
    "lib",
}


def test_no_module_has_an_empty_name() -> None:
    found = [name(path) for path in modules() if EMPTY & {path.stem, *path.relative_to(ROOT).parts}]
    assert found == []


def test_each_module_says_what_it_owns() -> None:
    assert [name(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_each_module_says_what_it_exports() -> None:
    def exports(text: str) -> bool:
        return any(
            isinstance(node, ast.Assign | ast.AnnAssign)
            and any(isinstance(t, ast.Name) and t.id == "__all__" for t in _targets(node))
            for node in ast.parse(text).body
        )

    silent = [name(p) for p in modules() if not exports(p.read_text()) and len(ast.parse(p.read_text()).body) > 1]
    assert silent == []


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _tracked() -> list[str]:
    found = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return found.stdout.splitlines()


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = "|".join(
        ("py" + "pi", "pythonhosted", "npm" + "js", "yarn" + "pkg", "maven", "sonatype", "golang", "crates")
    )
    pattern = re.compile(rf"(?<![\w.-])(?:[a-z0-9-]+\.)*(?:{hosts})\.(?:org|io|com|dev)[/:]")
    found = []
    for file in _tracked():
        path = ROOT / file
        if path.is_file() and path.stat().st_size < 2_000_000:
            text = path.read_text(errors="replace")
            found += [f"{file}: {hit.group()}" for hit in pattern.finditer(text)]
    assert found == []


def test_no_lock_file_with_download_addresses_is_tracked() -> None:
    assert [f for f in _tracked() if f.endswith(("uv.lock", "package-lock.json", "yarn.lock", "poetry.lock"))] == []
