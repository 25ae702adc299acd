"""Owns the builtins that read GraphQL: the JSON of the syntax tree of a query or of a schema, as OPA gives it.

Queries are not held against schemas: what would need that is not offered.
"""

from __future__ import annotations

from collections.abc import Callable

from graven.rego.builtins.graphqlcursor import Node
from graven.rego.builtins.graphqlqueries import parse_query
from graven.rego.builtins.graphqlschemas import parse_schema
from graven.rego.builtins.protocol import Builtin, Context, builtin
from graven.rego.values import Value, from_json

__all__ = ["BUILTINS"]


def _reading(parse: Callable[[str], Node]) -> Callable[[Context, str], Value]:
    def read(context: Context, text: str) -> Value:
        context.charge(len(text))
        return from_json(parse(text))

    return read


BUILTINS: tuple[Builtin, ...] = (
    builtin("graphql.parse_query", _reading(parse_query), contextual=True),
    builtin("graphql.parse_schema", _reading(parse_schema), contextual=True),
)
