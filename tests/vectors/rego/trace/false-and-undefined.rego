package main

import rego.v1

p if input.on
q if not input.on
r := x if { x := input.on }
s if input.none.deeper
t if { input.n; input.on == false }
