package main

import rego.v1

deny contains msg if {
	some i, c in input.spec.containers
	not startswith(c.image, "ghcr.io/")
	msg := sprintf("%d: %s is from %s", [i, c.name, split(c.image, "/")[0]])
}
deny contains "twice" if input.n == 3
deny contains "twice" if input.name == "web"
