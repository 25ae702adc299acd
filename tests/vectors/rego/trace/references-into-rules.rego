package main

import rego.v1

users[name] := u if some name, u in input.users
p := users.al.roles[0]
q contains r if r := users[_].roles[_]
deep.a.b := input.n
deep.a.c := 4 if input.on
s := deep.a
t := deep.a.b
