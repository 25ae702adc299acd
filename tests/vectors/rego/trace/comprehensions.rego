package main

import rego.v1

names := {c.name | some c in input.spec.containers}
uppers := [upper(t) | some t in input.tags; t != "b"]
sizes := {c.name: count(c.image) | some c in input.spec.containers}
nested := {u: {r | some r in v.roles} | some u, v in input.users}
