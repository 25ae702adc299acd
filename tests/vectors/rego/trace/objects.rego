package main

import rego.v1

ports[c.name] := c.port if some c in input.spec.containers
by_tag[t] contains i if some i, t in input.tags
p := ports.two
q := ports[x] if x := "two"
r := by_tag.a
