package main

import rego.v1

p contains x if { ["x", x] = input.paths[_] }
q := y if { {"app": "web", "tier": y} = input.labels }
r if { [_, [a, b]] = input.paths; a == "y"; b == 2 }
s if { {"app": "other", "tier": _} = input.labels }
