"""The size budgets of the style guide; the measures are printed on each run (``pytest -s``)."""

from __future__ import annotations

import ast
from statistics import median, quantiles

from architecture.tree import SOURCE, Function, functions, modules, name

FUNCTIONS: list[Function] = [f for path in modules() for f in functions(path)]


def test_no_function_is_longer_than_sixty_lines() -> None:
    assert [f"{f.where}: {f.lines}" for f in FUNCTIONS if f.lines > 60] == []


def test_functions_are_short_as_a_habit() -> None:
    lines = [f.lines for f in FUNCTIONS]
    middle, ninth = median(lines), quantiles(lines, n=10)[-1]
    print(f"functions: {len(lines)}, median {middle}, p90 {ninth}, longest {max(lines)}")
    assert middle <= 10
    assert ninth <= 30


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    sizes = {name(path): len(path.read_text().splitlines()) for path in modules()}
    print(f"files: {len(sizes)}, median {median(sizes.values())}, longest {max(sizes.values())}")
    assert {file: size for file, size in sizes.items() if size > 400} == {}


def test_no_function_takes_more_than_five_positional_arguments() -> None:
    assert [f"{f.where}: {f.positional}" for f in FUNCTIONS if f.positional > 5] == []


def test_handlers_of_protocols_are_at_most_fifteen_lines() -> None:
    found = []
    for path in sorted((SOURCE / "protocols").rglob("*.py")):
        for function in functions(path):
            arguments = [a for a in function.node.args.args if a.annotation is not None]
            takes_request = any(ast.unparse(a.annotation) == "Request" for a in arguments if a.annotation)
            is_handler = isinstance(function.node, ast.AsyncFunctionDef) and takes_request
            if is_handler and function.lines > 15:
                found.append(f"{function.where}: {function.lines}")
    assert found == []


def test_ports_have_one_to_four_verbs() -> None:
    found = {}
    for path in sorted((SOURCE / "ports").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
                verbs = [n.name for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
                if not 1 <= len(verbs) <= 4:
                    found[node.name] = verbs
    assert found == {}
