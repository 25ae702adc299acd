# top
package   nasty # after package

# before import
import data.b   # b
import data.a as   q # q
# after imports

# METADATA
# title: T
a := 1 # a

b := [ # open
	1, # one
	# between
	2 # two
	# end
]

c := {
	# first
	"a": 1, # a
	"b": { "c": 2 } # b
}

# d

d if { # head
	# in body
	input.x # x

	# gap

	input.y == [1, # one
		2] # two
	# trailing
} # after

e := x if {
	x := 1
} else := 2 if { # else
	input.z # z
} # between
else := 3 # last

f(x, # x
  y) := x + y # sum

g contains x if { some x in [1,2,3] ; x > 1 } # g
h[x] := y if { x := 1; y := 2 # hh
}
i if every x in [1,2] { # every
	x > 1 # gt
	# end of every
}
j := [x | # compr
	x := 1 # one
	# end
]
k := {x: y | x := 1; y := 2}
l := count( # open
	[1, 2])
m if {
	not input.a # not
	input.b with input as {"b": 1} # with
		with data.x as 2 # x
}
n := "a" # n
# end of file
