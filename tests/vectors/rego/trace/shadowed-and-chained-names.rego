package main

import rego.v1

p := y if { x := input.spec; y := x.containers[0].name }
q := [x | x := input.tags[_]; x != "a"]
x := "rule"
r := x
