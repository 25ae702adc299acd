"""Builtins by what they answer: the cases in which engines go wrong, and those that fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.rego import UNDEFINED, EvaluationError, World, compile_modules
from graven.rego.builtins import declarations, find

MISSING = {
    "providers.aws.sign_req",
    "internal.print", "internal.template_string", "internal.test_case", "print",
    "rego.metadata.chain", "rego.metadata.rule",
}  # fmt: skip
"""Not offered, or (print, template strings, metadata) a matter of the compiler."""

ANSWERS: list[tuple[str, Any]] = [
    ('strings.count("11111", "11")', 2),
    ('semver.compare("2.0.0", "1.9.9")', 1),
    ('semver.compare("1.0.0-alpha.2", "1.0.0-alpha.10")', -1),
    ('semver.is_valid("1.0")', False),
    ("sum([18446744073709551616, 1])", 18446744073709551617),
    ("product([18446744073709551617, 2])", 36893488147419103234),
    ("format_int(18446744073709551617, 16)", "10000000000000001"),
    ('count("åäö")', 3),
    ('substring("abcdef", 2, -1)', "cdef"),
    ('indexof_n("aaa", "aa")', [0, 1]),
    ('sprintf("%d %s %v %5.2f %q %x", [1, "a", {"k": {1}}, 3.14159, "b", 255])', '1 a {"k": {1}}  3.14 "b" ff'),
    ('sprintf("%d", ["x"])', "%!d(string=x)"),
    ('sprintf("%s", [])', "%!s(MISSING)"),
    ('sprintf("a", [1])', "a%!(EXTRA int64=1)"),
    ('sprintf("%s %e", [1, 2])', "%!s(int64=1) %!e(int64=2)"),
    ('sprintf("%v %v %v %v", [999999.5, 1234567.5, 0.0001, 0.000012])', "999999.5 1.2345675e+06 0.0001 1.2e-05"),
    ('sprintf("%g %G %.3g %d", [1234567.5, 1234567.5, 1234567.5, 1234567.5])',
     "1.2345675e+06 1.2345675E+06 1.23e+06 %!d(float64=1.2345675e+06)"),
    ('sprintf("%+v %+d %+v %+g", [3, 3, 1.5, 1.5])', "3 +3 1.5 +1.5"),
    ('sprintf("%x %X %.2x %.0x %x %x", [1.5, 0.1, 1234567.25, 1.97, -3.75, 5e-324])',
     "0x1.8p+00 0X1.999999999999AP-04 0x1.2dp+20 0x1p+01 -0x1.ep+01 0x1p-1074"),
    ('sprintf("%b %b", [0.1, 1e300])', "7205759403792794p-56 6724873095247260p+944"),
    ('sprintf("%[2]v %[1]v", [1, 2])', "2 1"),
    ('trim_space("\\u00a0 a\\t")', "a"),
    ('strings.replace_n({"a": "b", "b": "a"}, "ab")', "ba"),
    ('regex.replace("foo123", `(\\d+)`, "<$1>")', "foo<123>"),
    ('regex.find_n("[a-z]+", "ab1cd2", 1)', ["ab"]),
    ('regex.find_all_string_submatch_n("-(a)(x*)b", "-ab-axxb", -1)', [["-ab", "a", ""], ["-axxb", "a", "xx"]]),
    ('regex.split("x*", "axbxc")', ["a", "b", "c"]),
    ('regex.is_valid("(")', False),
    ('regex.template_match("urn:foo:{.*}", "urn:foo:bar", "{", "}")', True),
    ('regex.globs_match("a.a.[0-9]+z", ".b.b2359825792*594823z")', True),
    ('glob.match("*.github.com", ["."], "api.cdn.github.com")', False),
    ('glob.match("*.github.com", null, "api.cdn.github.com")', True),
    ('glob.match("{a,b}?[!x]", [], "bcd")', True),
    ('glob.match("a\\\\*", [], "a*")', True),
    ('json.marshal({"b": [1.5, "<"], "a": null})', '{"a":null,"b":[1.5,"\\u003c"]}'),
    ('json.unmarshal("[1, 1e400]")[0]', 1),
    ('yaml.unmarshal("a: [1, yes, 2020-01-01]")', {"a": [1, True, "2020-01-01"]}),
    ('base64.decode("Zm9v")', "foo"),
    ('base64url.encode_no_pad("fo?")', "Zm8_"),
    ('hex.encode("ä")', "c3a4"),
    ('urlquery.decode_object("a=1&a=2&b=")', {"a": ["1", "2"], "b": [""]}),
    ('json.patch({"a": {"b": 1}}, [{"op": "add", "path": "/a/c", "value": 2}, {"op": "remove", "path": "a/b"}])',
     {"a": {"c": 2}}),
    ('json.remove({"a": {"b": [10, 20]}}, ["a/b/0"])', {"a": {"b": [20]}}),
    ('json.filter({"a": {"b": 1, "c": 2}}, ["a/b", "x"])', {"a": {"b": 1}}),
    ('object.get({"a": [{"b": 1}]}, ["a", 0, "b"], 9)', 1),
    ('object.union({"a": {"b": 1}}, {"a": {"c": 2}})', {"a": {"b": 1, "c": 2}}),
    ('object.subset({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}})', True),
    ("object.subset([1, 2, 3], [2, 3])", True),
    ('count([q | walk([[1], {"a": 2}], [q, _])])', 5),
    ('graph.reachable({"a": ["b"], "b": ["a", "c"]}, ["a"])', ["a", "b"]),
    ('graph.reachable_paths({"a": ["b"], "b": []}, {"a"})', [["a", "b"]]),
    ('units.parse("1.5Ki")', 1536),
    ('units.parse("100m")', 0.1),
    ('units.parse_bytes("1KiB")', 1024),
    ('time.parse_rfc3339_ns("1970-01-01T00:00:01.5+00:00")', 1500000000),
    ('time.format([1582977600000000000, "Asia/Kolkata", "Mon Jan _2 15:04:05 MST 2006"])', "Sat Feb 29 17:30:00 IST 2020"),
    ('time.date([1582977600000000000, "America/Los_Angeles"])', [2020, 2, 29]),
    ("time.add_date(1580428800000000000, 0, 1, 0)", 1583107200000000000),
    ("time.diff(1582977600000000000, 1580428800000000000)", [0, 0, 29, 12, 0, 0]),
    ('time.parse_duration_ns("1h15m30.5s")', 4530500000000),
    ("time.now_ns()", 1700000000000000000),
    ('net.cidr_contains("10.0.0.0/8", "10.1.2.3")', True),
    ('net.cidr_expand("10.0.0.0/31")', ["10.0.0.0", "10.0.0.1"]),
    ('net.cidr_merge(["10.0.0.0/25", "10.0.0.128/25"])', ["10.0.0.0/24"]),
    ('uuid.parse("{00000000-0000-4000-8000-000000000000}").version', 4),
    ('uuid.parse("URN:UUID:00000000-0000-4000-8000-000000000000").version', 4),
    ('uri.is_valid("http://exa%6dple.com/")', False),
    ('uri.is_valid("http://foo]bar/")', True),
    ('uri.parse("https://u@h:8/p?q#f")',
     {"scheme": "https", "username": "u", "hostname": "h", "port": "8", "path": "/p", "raw_path": "/p", "raw_query": "q",
      "fragment": "f"}),
    ('crypto.sha256("a")', "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    ('crypto.hmac.md5("åäöçß", "秘密の") == crypto.hmac.md5("åäöçß", "秘密")', False),
    ('io.jwt.verify_hs256(io.jwt.encode_sign({"alg": "HS256"}, {"a": 1}, {"kty": "oct", "k": "c2VjcmV0"}), "secret")', True),
    (('io.jwt.decode_verify(io.jwt.encode_sign({"alg": "HS256"}, {"exp": 1}, {"kty": "oct", "k": "c2VjcmV0"}),'
     ' {"secret": "secret"})[0]'), False),
    ('strings.render_template("{{range $i, $n := .ns}}{{if $i}},{{end}}{{$n}}{{end}} {{.x}}", {"ns": ["a", "b"]})',
     "a,b <undefined>"),
    ('json.match_schema({"a": 1}, {"properties": {"a": {"type": "string"}}})',
     [False, [{"desc": "Invalid type. Expected: string, given: integer", "field": "a", "type": "invalid_type",
               "error": "a: Invalid type. Expected: string, given: integer"}]]),
    ('json.verify_schema({"type": "boolean"})', [True, None]),
    ('json.verify_schema({"required": "a"})', [False, "jsonschema: required must be of an array"]),
    ("bits.lsh(1, 70)", 1180591620717411303424),
    ("numbers.range_step(5, 0, 2)", [5, 3, 1]),
    ('to_number("-42.5")', -42.5),
    ("round(-2.5)", -3),
    ("ceil(1.1) - floor(1.9)", 1),
]  # fmt: skip

FAILURES: list[tuple[str, str, str]] = [
    ('json.patch({"a": 1}, [{"op": "remove", "path": "b"}])', "eval_builtin_error", "path not found"),
    ('regex.match("(", "a")', "eval_builtin_error", "missing closing ): `(`"),
    ('regex.replace("a", "[", "b")', "eval_builtin_error", "missing closing ]"),
    ('strings.any_prefix_match({input.n}, {"a"})', "eval_type_error", "set of strings but got set containing number"),
    ("object.subset({1}, input.o)", "eval_type_error", "must be of the same type"),
    ("uuid.parse(input.n)", "eval_type_error", "operand 1 must be string but got number"),
    ('units.parse("1e1000000")', "eval_builtin_error", "exponent too large"),
    ('units.parse("1 G")', "eval_builtin_error", "spaces not allowed"),
    ("1 / 0", "eval_builtin_error", "divide by zero"),
    ("1 % 0", "eval_builtin_error", "modulo by zero"),
    ("7 % 2.5", "eval_builtin_error", "modulo on floating-point number"),
    ('substring("a", -1, 1)', "eval_builtin_error", "negative offset"),
    ('indexof("a", "")', "eval_builtin_error", "empty search character"),
    ('json.unmarshal("{")', "eval_builtin_error", "json.unmarshal"),
    ('base64.decode("@")', "eval_builtin_error", "illegal base64 data at input byte 0"),
    ('semver.compare("1", "1.0.0")', "eval_builtin_error", 'string "1" is not a valid SemVer'),
    ('net.cidr_expand("192.168.1.1/33")', "eval_builtin_error", "invalid CIDR address: 192.168.1.1/33"),
    ('time.parse_rfc3339_ns("2262-04-11T23:47:16.854775808-00:00")', "eval_builtin_error", "outside of valid range"),
    ('time.date([1, "No/Where"])', "eval_builtin_error", "unknown time zone"),
    ('io.jwt.decode("a.b")', "eval_builtin_error", "must have 3 sections, found 2"),
    ('sum(["a"])', "eval_type_error", "array of numbers but got array containing string"),
]  # fmt: skip


def _module(expression: str) -> str:
    return f"package p\np := x if {{ x := {expression} }}"


@pytest.mark.parametrize(("expression", "wanted"), ANSWERS, ids=[expression for expression, _ in ANSWERS])
def test_a_builtin_answers(expression: str, wanted: Any) -> None:
    policy = compile_modules({"p.rego": _module(expression)})
    assert policy.evaluate("data.p.p", now_ns=1700000000000000000).json() == wanted


@pytest.mark.parametrize(("expression", "code", "message"), FAILURES, ids=[failure[0] for failure in FAILURES])
def test_a_builtin_that_fails_is_undefined_or_an_error(expression: str, code: str, message: str) -> None:
    expression = expression.replace('["a"]', "input.as")
    policy = compile_modules({"p.rego": _module(expression)})
    document = {"n": 1, "o": {}, "as": ["a"]}
    found = policy.evaluate("data.p.p", document)
    assert found.value is UNDEFINED
    assert [failure.code for failure in found.failures] == [code]
    with pytest.raises(EvaluationError) as caught:
        policy.evaluate("data.p.p", document, strict_builtin_errors=True)
    assert caught.value.code == code
    assert message in str(caught.value)


def test_every_builtin_of_the_table_is_offered_or_known_to_be_missing() -> None:
    assert {name for name in declarations() if find(name) is None} == MISSING


@pytest.mark.parametrize("call", ['http.send({"method": "get", "url": "http://x"})', 'net.lookup_ip_addr("x.example")'])
def test_nothing_reaches_the_world_unless_the_caller_hands_in_how(call: str) -> None:
    policy = compile_modules({"p.rego": _module(call)})
    with pytest.raises(EvaluationError, match="no function was given"):
        policy.evaluate("data.p.p")
    world = World(
        host={"http.send": lambda request: {"status": request["method"]}, "net.lookup_ip_addr": lambda _: ["1.2.3.4"]}
    )
    assert policy.evaluate("data.p.p", world=world).json() in ({"status": "get"}, ["1.2.3.4"])


def test_without_a_moment_there_is_no_now() -> None:
    with pytest.raises(EvaluationError, match="no moment was given as now"):
        compile_modules({"p.rego": _module("time.now_ns()")}).evaluate("data.p.p")


def test_randomness_is_the_callers_and_one_for_each_name() -> None:
    module = 'package p\np := [uuid.rfc4122("k"), uuid.rfc4122("k"), rand.intn("a", 10)]'
    policy = compile_modules({"p.rego": module})
    assert policy.evaluate("data.p.p").value is UNDEFINED
    found = policy.evaluate("data.p.p", world=World(entropy=lambda size: bytes(range(size))))
    assert found.json()[0] == found.json()[1]
    assert 0 <= found.json()[2] < 10


SPRINTF = compile_modules(
    {"f.rego": "package f\np := sprintf(input.plain, input.values)\nq := sprintf(input.flagged, input.values)"}
)


@given(
    parts=st.lists(st.text("a%v é").filter(lambda part: "%" not in part), min_size=1, max_size=4),
    values=st.lists(st.text("%va") | st.integers(-(10**30), 10**30), max_size=3),
)
def test_a_format_of_plain_verbs_is_written_as_one_with_a_flag_that_changes_nothing(parts: Any, values: Any) -> None:
    document = {"plain": "%v".join(parts), "flagged": "%-v".join(parts), "values": values}
    found = SPRINTF.evaluate("data.f", document).json()
    assert found["p"] == found["q"]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){12}"])
def test_a_hostile_pattern_takes_no_long_time(pattern: str) -> None:
    policy = compile_modules({"p.rego": f'package p\np := regex.match("{pattern}", input)'})
    assert policy.evaluate("data.p.p", "a" * 5000 + "!").json() in (True, False)
