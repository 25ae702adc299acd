"""Owns the declaration of every builtin of OPA: its module here, its types, and what is special about it.

A line is ``name: argument, … -> result !flag``; the types are written as in ``types.parse_type``; a group's heading is
the module of this folder that holds the functions, imported when one of them is first used. ``!relation`` yields many
results, ``!deprecated`` exists in v0 alone, ``!nondeterministic`` takes its answer from the world, hence from the
caller. A declaration without a function is refused at compile time, never silently undefined.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from graven.record import TYPE_CHECKING, Record

if TYPE_CHECKING:
    from graven.rego.types import Type

__all__ = ["Declaration", "declaration", "declarations", "declare", "home"]


class Declaration(Record):
    """What the compiler knows of a builtin."""

    name: str
    arguments: tuple[Type, ...]
    result: Type | None
    """None: it gives no value (``print``)."""
    module: str = ""
    """The module of this folder that holds it; empty for one that a caller hands in."""
    relation: bool = False
    deprecated: bool = False
    nondeterministic: bool = False
    variadic: bool = False


def declare(line: str, module: str = "") -> Declaration:
    """Read one line of the table.

    >>> declare("startswith: string, string -> boolean").result
    Type(boolean)

    Raises:
        ValueError: not of the form ``name: argument, … -> result !flag``.
    """
    from graven.rego.types import parse_signature

    name, _, rest = line.partition(": ")
    signature, *flags = rest.split(" !")
    arguments, result, variadic = parse_signature(signature)
    return Declaration(
        name,
        arguments,
        result,
        module,
        relation="relation" in flags,
        deprecated="deprecated" in flags,
        nondeterministic="nondeterministic" in flags,
        variadic=variadic,
    )


@cache
def _lines() -> Mapping[str, tuple[str, str]]:
    """Give for each name its line and module, the types still unread."""
    found, module = {}, ""
    for line in _TABLE.strip().splitlines():
        if line.startswith("["):
            module = line[1:-1]
        else:
            found[line.partition(": ")[0]] = (line, module)
    return MappingProxyType(found)


def home(name: str) -> str:
    """Give the module that holds a builtin of OPA; empty if there is none."""
    return _lines().get(name, ("", ""))[1]


@cache
def declaration(name: str) -> Declaration | None:
    """Give the declaration of a builtin of OPA, or None."""
    entry = _lines().get(name)
    return declare(*entry) if entry else None


def declarations() -> Mapping[str, Declaration]:
    """Give all declarations by name."""
    return {name: declare(*entry) for name, entry in _lines().items()}


_TABLE = """
[aggregates]
all: SEQUENCE -> boolean !deprecated
any: SEQUENCE -> boolean !deprecated
count: <string | array[...any] | object[any: any] | set[any]> -> number
max: SEQUENCE -> any
min: SEQUENCE -> any
product: <array[...number] | set[number]> -> number
sort: SEQUENCE -> array[...any]
sum: <array[...number] | set[number]> -> number
[arithmetic]
div: number, number -> number
minus: <number | set[any]>, <number | set[any]> -> <number | set[any]>
mul: number, number -> number
plus: number, number -> number
rem: number, number -> number
[certificates]
crypto.x509.parse_certificate_request: string -> object[string: any]
crypto.x509.parse_certificates: string -> array[...object[string: any]]
[chains]
crypto.x509.parse_and_verify_certificates: string -> CHAIN
crypto.x509.parse_and_verify_certificates_with_options: string, object[string: any] -> CHAIN
[collections]
and: set[any], set[any] -> set[any]
array.concat: array[...any], array[...any] -> array[...any]
array.flatten: array[...any] -> array[...any]
array.reverse: array[...any] -> array[...any]
array.slice: array[...any], number, number -> array[...any]
intersection: set[set[any]] -> set[any]
or: set[any], set[any] -> set[any]
set_diff: set[any], set[any] -> set[any] !deprecated
union: set[set[any]] -> set[any]
[comparison]
assign: any, any -> boolean
eq: any, any -> boolean
equal: any, any -> boolean
gt: any, any -> boolean
gte: any, any -> boolean
lt: any, any -> boolean
lte: any, any -> boolean
neq: any, any -> boolean
[digests]
crypto.hmac.equal: string, string -> boolean
crypto.hmac.md5: string, string -> string
crypto.hmac.sha1: string, string -> string
crypto.hmac.sha256: string, string -> string
crypto.hmac.sha512: string, string -> string
crypto.md5: string -> string
crypto.sha1: string -> string
crypto.sha256: string -> string
[encoding]
base64.decode: string -> string
base64.encode: string -> string
base64.is_valid: string -> boolean
base64url.decode: string -> string
base64url.encode: string -> string
base64url.encode_no_pad: string -> string
hex.decode: string -> string
hex.encode: string -> string
json.is_valid: string -> boolean
json.marshal: any -> string
json.marshal_with_options: any, object["indent": string, "prefix": string, "pretty": boolean, string: any] -> string
json.unmarshal: string -> any
urlquery.decode: string -> string
urlquery.decode_object: string -> object[string: array[...string]]
urlquery.encode: string -> string
urlquery.encode_object: object[string: STRINGS] -> string
yaml.is_valid: string -> boolean
yaml.marshal: any -> string
yaml.unmarshal: string -> any
[glob]
glob.match: string, <null | array[...string]>, string -> boolean
glob.quote_meta: string -> string
[graph]
graph.reachable: object[any: SEQUENCE], SEQUENCE -> set[any]
graph.reachable_paths: object[any: SEQUENCE], SEQUENCE -> set[array[...any]]
walk: any -> array[array[...any], any] !relation
[graphql]
graphql.is_valid: DOCUMENT, DOCUMENT -> boolean
graphql.parse: DOCUMENT, DOCUMENT -> array[object[any: any], object[any: any]]
graphql.parse_and_verify: DOCUMENT, DOCUMENT -> TOKEN
graphql.parse_query: string -> object[any: any]
graphql.parse_schema: string -> object[any: any]
graphql.schema_is_valid: DOCUMENT -> boolean
[kinds]
cast_array: any -> array[...any] !deprecated
cast_boolean: any -> boolean !deprecated
cast_null: any -> null !deprecated
cast_object: any -> object[any: any] !deprecated
cast_set: any -> set[any] !deprecated
cast_string: any -> string !deprecated
is_array: any -> boolean
is_boolean: any -> boolean
is_null: any -> boolean
is_number: any -> boolean
is_object: any -> boolean
is_set: any -> boolean
is_string: any -> boolean
type_name: any -> string
[language]
internal.member_2: any, any -> boolean
internal.member_3: any, any, any -> boolean
internal.print: array[...set[any]] -> void
internal.template_string: array[...any] -> string
internal.test_case: array[...any] -> void
print: *any -> void
rego.metadata.chain: -> array[...any]
rego.metadata.rule: -> any
rego.parse_module: string, string -> object[string: any]
trace: string -> boolean
[networks]
net.cidr_contains: string, string -> boolean
net.cidr_contains_matches: CIDRS, CIDRS -> set[array[any, any]]
net.cidr_expand: string -> set[string]
net.cidr_intersects: string, string -> boolean
net.cidr_is_valid: string -> boolean
net.cidr_merge: <array[...<string>] | set[string]> -> set[string]
net.cidr_overlap: string, string -> boolean !deprecated
net.lookup_ip_addr: string -> set[string] !nondeterministic
[numbers]
abs: number -> number
bits.and: number, number -> number
bits.lsh: number, number -> number
bits.negate: number -> number
bits.or: number, number -> number
bits.rsh: number, number -> number
bits.xor: number, number -> number
ceil: number -> number
floor: number -> number
numbers.range: number, number -> array[...number]
numbers.range_step: number, number, number -> array[...number]
rand.intn: string, number -> number !nondeterministic
round: number -> number
to_number: <null | boolean | number | string> -> number
[objects]
object.filter: object[any: any], <array[...any] | object[any: any] | set[any]> -> object[any: any]
object.get: object[any: any], any, any -> any
object.keys: object[any: any] -> set[any]
object.remove: object[any: any], <array[...any] | object[any: any] | set[any]> -> object[any: any]
object.subset: <array[...any] | object[any: any] | set[any]>, <array[...any] | object[any: any] | set[any]> -> boolean
object.union: object[any: any], object[any: any] -> object[any: any]
object.union_n: array[...object[any: any]] -> object[any: any]
[patches]
json.filter: object[any: any], PATHS -> object[any: any]
json.patch: any, array[...object["op": string, "path": any, any: any]] -> any
json.remove: object[any: any], PATHS -> object[any: any]
[privatekeys]
crypto.parse_private_keys: string -> array[...object[string: any]]
crypto.x509.parse_keypair: string, string -> object[string: any]
crypto.x509.parse_rsa_private_key: string -> object[string: any]
[regex]
re_match: string, string -> boolean !deprecated
regex.find_all_string_submatch_n: string, string, number -> array[...array[...string]]
regex.find_n: string, string, number -> array[...string]
regex.globs_match: string, string -> boolean
regex.is_valid: string -> boolean
regex.match: string, string -> boolean
regex.replace: string, string, string -> string
regex.split: string, string -> array[...string]
regex.template_match: string, string, string, string -> boolean
[schemas]
json.match_schema: DOCUMENT, DOCUMENT -> array[boolean, FAULTS]
json.verify_schema: DOCUMENT -> array[boolean, <null | string>] !nondeterministic
[semver]
semver.compare: string, string -> number
semver.is_valid: any -> boolean
[strings]
concat: string, <array[...string] | set[string]> -> string
contains: string, string -> boolean
endswith: string, string -> boolean
format_int: number, number -> string
indexof: string, string -> number
indexof_n: string, string -> array[...number]
lower: string -> string
replace: string, string, string -> string
split: string, string -> array[...string]
startswith: string, string -> boolean
strings.any_prefix_match: STRINGS, STRINGS -> boolean
strings.any_suffix_match: STRINGS, STRINGS -> boolean
strings.count: string, string -> number
strings.replace_n: object[string: string], string -> string
strings.reverse: string -> string
strings.split_n: string, string, number -> array[...string]
substring: string, number, number -> string
trim: string, string -> string
trim_left: string, string -> string
trim_prefix: string, string -> string
trim_right: string, string -> string
trim_space: string -> string
trim_suffix: string, string -> string
upper: string -> string
[formatting]
sprintf: string, array[...any] -> string
[templates]
strings.render_template: string, object[string: any] -> string
[times]
time.add_date: number, number, number, number -> number
time.clock: MOMENT -> array[number, number, number]
time.date: MOMENT -> array[number, number, number]
time.diff: MOMENT, MOMENT -> array[number, number, number, number, number, number]
time.format: <number | array[number, string] | array[number, string, string]> -> string
time.now_ns: -> number !nondeterministic
time.parse_duration_ns: string -> number
time.parse_ns: string, string -> number
time.parse_rfc3339_ns: string -> number
time.weekday: MOMENT -> string
[tokens]
io.jwt.decode: string -> array[object[any: any], object[any: any], string]
io.jwt.decode_verify: string, object[string: any] -> TOKEN !nondeterministic
io.jwt.encode_sign: object[string: any], object[string: any], object[string: any] -> string !nondeterministic
io.jwt.encode_sign_raw: string, string, string -> string !nondeterministic
io.jwt.verify_eddsa: string, string -> boolean
io.jwt.verify_es256: string, string -> boolean
io.jwt.verify_es384: string, string -> boolean
io.jwt.verify_es512: string, string -> boolean
io.jwt.verify_hs256: string, string -> boolean
io.jwt.verify_hs384: string, string -> boolean
io.jwt.verify_hs512: string, string -> boolean
io.jwt.verify_ps256: string, string -> boolean
io.jwt.verify_ps384: string, string -> boolean
io.jwt.verify_ps512: string, string -> boolean
io.jwt.verify_rs256: string, string -> boolean
io.jwt.verify_rs384: string, string -> boolean
io.jwt.verify_rs512: string, string -> boolean
[units]
units.parse: string -> number
units.parse_bytes: string -> number
[uri]
uri.is_valid: string -> boolean
uri.parse: string -> object[string: string]
[uuids]
uuid.parse: string -> object[string: any]
uuid.rfc4122: string -> string !nondeterministic
[world]
http.send: object[string: any] -> object[any: any] !nondeterministic
opa.runtime: -> object[string: any] !nondeterministic
providers.aws.sign_req: object[string: any], object[string: any], number -> object[any: any]
"""
