package main

import rego.v1

default allow := false

allow if {
	input.x > 3
	not blocked
}

blocked if input.user == "bob"

blocked if {
	some n in input.names
	startswith(n, "b")
}

deny contains msg if {
	some i, c in input.containers
	not startswith(c.image, "ghcr.io/")
	trace(sprintf("note %v", [c.image]))
	msg := sprintf("container %d: %s", [i, f(c.image)])
}

f(x) := y if {
	y := upper(x)
}

names[k] := v if {
	some k, v in {"a": 1, "b": 2}
	v > 1
}

every_ok if {
	every c in input.containers {
		count(c.image) > 0
	}
}

arr := [x | some x in input.names; x != "a"]
