"""GraphQL queries held against schemas, and schemas against the rules of type systems."""

from __future__ import annotations

import pytest

from graven.rego import EvaluationError, compile_modules

SCHEMA = """
type Query { user(id: ID!, kind: Kind = ADMIN): User  users(filter: Filter): [User!]!  node: Node }
interface Node { id: ID! }
type User implements Node { id: ID!  name: String  friends(first: Int): [User]  pet: Pet }
type Cat { id: ID!  meows: Boolean } type Dog { id: ID!  barks: Int } union Pet = Cat | Dog
enum Kind { ADMIN GUEST } input Filter { name: String!  age: Int  inner: Filter } input Pick @oneOf { a: Int b: Int }
type Subscription { ticks: Int tocks: Int }
"""
VALID = [
    "{ user(id: 1) { id name } }",
    "query Q($id: ID!) { user(id: $id, kind: GUEST) { ...F } } fragment F on User { id pet { ... on Cat { meows } } }",
    '{ users(filter: {name: "x", age: 3}) { id @include(if: true) } }',
    "{ __schema { types { name } } }",
    "{ a: user(id: 1) { id } b: user(id: 2) { id } }",
    "subscription { ticks }",
    "query ($n: Int = 3) { user(id: 1) { friends(first: $n) { id } } }",
]
INVALID = {
    "{ user(id: 1) { nope } }": 'Cannot query field "nope" on type "User" in GraphQL string at location 1:17',
    "{ user { id } }": 'argument "id" of type "ID!" is required, but it was not provided',
    "{ user(id: 1) }": 'must have a selection of subfields. Did you mean "user { ... }"?',
    "{ user(id: 1) { id { x } } }": 'must not have a selection since type "ID" has no subfields',
    "{ user(id: 1, kind: KING) { id } }": 'Value "KING" does not exist in "Kind" enum',
    "{ user(id: 1.5) { id } }": "ID cannot represent a non-string and non-integer value: 1.5",
    "{ users(filter: {age: 3}) { id } }": 'Field "Filter.name" of required type "String!" was not provided',
    "query ($a: Int) { user(id: 1) { id } }": 'Variable "$a" is never used',
    "{ user(id: $x) { id } }": 'Variable "$x" is not defined',
    "query ($x: Int) { user(id: $x) { id } }": 'Variable "$x" of type "Int" used in position expecting type "ID!"',
    "{ user(id: 1) { ...F } }": 'Unknown fragment "F"',
    "{ user(id: 1) { id } } fragment F on User { id }": 'Fragment "F" is never used',
    "{ user(id: 1) { ...F } } fragment F on User { friends { ...F } }": 'Cannot spread fragment "F" within itself',
    "{ user(id: 1) { ... on Cat { id } } }": 'objects of type "User" can never be of type "Cat"',
    "{ a: user(id: 1) { id } a: user(id: 2) { id } }": "they have differing arguments",
    "{ user(id: 1) { id @nope } }": 'Unknown directive "@nope"',
    "mutation { x }": 'Schema does not support operation type "mutation"',
    "subscription { ticks tocks }": "must select only one top level field",
    "{ user(id: 1) { id } } query B { user(id: 1) { id } }": "This anonymous operation must be the only defined",
    "{ __type(name: 1) { name } }": "String cannot represent a non string value: 1",
}
BROKEN_SCHEMAS = [
    "type Query { a: Nope }", "type Query { a: Int a: Int }", "type A { x: Int } type A { x: Int }", "enum E { true }",
    "union U = Int", "interface I { a: Int } type T implements I { b: Int }", "input A { a: A! }",
    "type Query { a(b: Query): Int }", "type __T { a: Int }", "type T { a: Int @nope }", "extend type Int { a: Int }",
    "schema { query: Nope }", "directive @d(a: Int @d) on ARGUMENT_DEFINITION", "input I { a: T } type T { a: Int }",
]  # fmt: skip


def _ask(call: str, **input_: str) -> object:
    policy = compile_modules({"p.rego": f"package p\nx := graphql.{call}"}, version="v1")
    return policy.evaluate("data.p.x", input_, strict_builtin_errors=True).json()


@pytest.mark.parametrize("query", VALID)
def test_a_query_that_keeps_the_rules_is_valid_as_text_and_as_tree(query: str) -> None:
    assert _ask("is_valid(input.q, input.s)", q=query, s=SCHEMA) is True
    trees = "is_valid(graphql.parse_query(input.q), graphql.parse_schema(input.s))"
    assert _ask(trees, q=query, s=SCHEMA) is True


@pytest.mark.parametrize(("query", "message"), INVALID.items())
def test_a_query_that_breaks_a_rule_is_refused_with_the_rule_named(query: str, message: str) -> None:
    assert _ask("parse_and_verify(input.q, input.s)", q=query, s=SCHEMA) == [False, {}, {}]
    with pytest.raises(EvaluationError) as caught:
        _ask("parse(input.q, input.s)", q=query, s=SCHEMA)
    assert message in str(caught.value)


@pytest.mark.parametrize("schema", BROKEN_SCHEMAS)
def test_a_schema_that_breaks_a_rule_is_not_valid(schema: str) -> None:
    assert _ask("schema_is_valid(input.s)", s=schema) is False


def test_a_schema_that_keeps_the_rules_is_valid() -> None:
    assert _ask("schema_is_valid(input.s)", s=SCHEMA) is True


def test_what_is_no_tree_is_not_valid() -> None:
    assert _ask("is_valid(input, input)", Operations="3") is False
    assert _ask("schema_is_valid(input)", Definitions="7") is False
