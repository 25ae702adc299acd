package main

import rego.v1

default allow := false
allow if { input.n > 1; not denied; input.kind in {"Deployment", "Job"} }
denied if input.name == "db"
denied if { some t in input.tags; t == "z" }
