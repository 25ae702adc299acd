package main

import rego.v1

p := [-2, 0.1 + 0.2, 7 / 2, 10 % 3]
q := "tab\t\"quoted\" ü"
r := `raw \n text`
s := $"{input.name} has {count(input.tags)} tags"
t := {"b": 1, "a": {input.n, 1}}
