"""What the architecture tests measure: the source files and the functions in them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "graven"


@dataclass(frozen=True)
class Function:
    where: str
    lines: int
    """Without its docstring."""
    positional: int
    node: ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def functions(path: Path) -> list[Function]:
    tree = ast.parse(path.read_text())
    return [_measure(path, node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def _measure(path: Path, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    arguments = [*node.args.posonlyargs, *node.args.args]
    counted = [a for a in arguments if a.arg not in ("self", "cls")]
    return Function(f"{name(path)}:{node.lineno} {node.name}", lines, len(counted), node)
