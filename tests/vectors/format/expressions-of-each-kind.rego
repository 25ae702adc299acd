package nasty

import rego.v1

a if {
	some x, y in {"a": 1}
	some z
	input[z] == x
	x in ["a"]
	"a", 1 in {"a": 1}
	every k, v in {"a": 1} { k == "a"; v == 1 }
	every q in [1] {
		q == 1
	}
	b := [y | some y in [1]]
	c := {y |
		some y in [1]
		y > 0
	}
	d := {k: v | some k, v in {"a": 1}}
	e := object.union({"a": 1}, {
		"b": 2})
	walk(input, [p, v2])
	startswith(concat("", ["a",
	"b"]), "a")
	f := [
	]
	g := {"a": 1, "b": 2,
		"c": 3}
	h := [1, 2
	]
	i := [1,
	2, 3]
	j := {
		1, 2, 3}
	l := x == y
	m := (x in [1])
	n := {"a": {"b": {"c": 1}},
	}
	time.now_ns() > 1 # t
	true
}

long_rule_name_with_many_words if input.some.very.long.path.that.goes.on == "a very long string that makes the line long"

one_line if { input.x }

two contains {"a": 1, "b": 2} if input.x

three contains msg if { msg := "x" }

# comment at the end

four := {"x": y} if y := 1
