"""Owns the walks: over every value in a value, and over a graph of nodes and their neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from graven.rego.builtins.protocol import Builtin, Context, builtin
from graven.rego.values import RegoObject, RegoSet, Value

__all__ = ["BUILTINS"]


def _walk(context: Context, target: Value) -> Iterator[Value]:
    """Give every value in a value with its path, the value itself first."""
    waiting: list[tuple[tuple[Value, ...], Value]] = [((), target)]
    while waiting:
        path, value = waiting.pop()
        context.charge(1)
        yield path, value
        kind = value.__class__
        if kind is RegoObject:
            below = value.ordered_items()
        elif kind is tuple:
            below = list(enumerate(value))
        elif kind is RegoSet:
            below = [(item, item) for item in value.ordered()]
        else:
            continue
        waiting.extend(((*path, key), item) for key, item in reversed(below))


def _neighbours(graph: Value, node: Value) -> tuple[Value, ...]:
    found = graph.get(node)
    if found.__class__ is RegoSet:
        return found.ordered()
    return found if found.__class__ is tuple else ()


def _nodes(initial: Value) -> tuple[Value, ...]:
    return initial.ordered() if initial.__class__ is RegoSet else initial


def _reachable(context: Context, graph: Value, initial: Value) -> Value:
    reached: set[Value] = set()
    waiting = list(_nodes(initial))
    while waiting:
        node = waiting.pop()
        context.charge(1)
        if node in graph and node not in reached:
            reached.add(node)
            waiting.extend(_neighbours(graph, node))
    return RegoSet(reached)


def _paths(context: Context, graph: Value, initial: Value) -> Value:
    """Give the paths that go as far as they can: to a node without neighbours, or to where they would come again."""
    found: set[Value] = set()
    waiting: list[tuple[Value, ...]] = [(node,) for node in _nodes(initial) if node in graph]
    while waiting:
        path = waiting.pop()
        context.charge(len(path))
        following = _neighbours(graph, path[-1])
        onward = [node for node in following if node in graph and node not in path]
        waiting.extend((*path, node) for node in onward)
        if not following or len(onward) < len(following):
            found.add(path)
    return RegoSet(found)


BUILTINS: tuple[Builtin, ...] = (
    builtin("walk", _walk, contextual=True),
    builtin("graph.reachable", _reachable, contextual=True),
    builtin("graph.reachable_paths", _paths, contextual=True),
)
