package chained

p[x] { x := input.a[_] } { x := {input.b, data.c} }

f(_, y) = z { z = y + 1 } else = input.c { y > 2 }

q["fixed"] = true { not input.d.e }

r = {"b": input.x, "a": input.y}
