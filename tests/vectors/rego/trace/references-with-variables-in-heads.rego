package main

import rego.v1

a.b[x].c := 1 if some x in input.tags
a.d := 2
p := a.b.a.c
q := a
