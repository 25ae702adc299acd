package main

import rego.v1

by_role[role] := users if {
	some role in {"dev", "ops"}
	users := {u | some u, v in input.users; role in v.roles}
}
