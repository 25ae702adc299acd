package main

import rego.v1

roles contains [role, users] if {
	some u
	role := input.users[u].roles[_]
	users := [other | input.users[other].roles[_] == role]
}
