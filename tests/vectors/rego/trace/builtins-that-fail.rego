package main

import rego.v1

p := to_number("x")
q if { to_number("x") }
r if not to_number("x")
s := 1 / (input.n - 3)
