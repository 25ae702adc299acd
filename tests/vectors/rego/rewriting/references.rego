package references

import data.base

p := {base.a[input.k], "x", base.b, input} & {w | q[w]; w > base.c[_].d}

q contains x if x := [1, 2, 3][_]

r if [x | x := base.names[_]][input.k][q]

s := f(input.a)[f(input.b).c]

f(x) := x

t if {
	base["odd-name"]["default"].deep[input.k] == f(base.a)
	{input.a: base.b, base.a: [input.c]} == f({f(1), [2, f(3)]})
	input.text == "\u0001\u00ad"
}
