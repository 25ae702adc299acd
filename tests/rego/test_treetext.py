"""The outline of a syntax tree."""

from __future__ import annotations

from graven.rego.parse.modules import parse_module
from graven.rego.treetext import lines


def test_a_module_is_outlined() -> None:
    text = 'package a\n\nimport data.b as c\n\n# d\np(x) := [y | some y in x] if not c.z with input as "q" else := 1\n'
    wanted = """module
 package
  ref
   data
   "a"
 import
  ref
   data
   "b"
  c
 rule
  head
   ref
    p
   args
    x
   arraycomprehension
    y
    body
     expr index=0
      somedecl
       call
        ref
         internal
         "member_2"
        y
        x
  body
   expr negated index=0
    ref
     c
     "z"
    with
     ref
      input
     "q"
  rule
   head
    ref
     p
    args
     x
    1
   body
    expr index=0
     true
 comment
"""
    assert "".join(f"{line}\n" for line in lines(parse_module("a.rego", text, "v1"))) == wanted
