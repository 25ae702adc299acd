package nasty
a if {
	input.x # c1
	# c2
	
	
	# c3
	input.y
}
# c4


# c5
b := 1 if { # c6
	true # c7
	} # c8
else := 2 if { # c9
# c10
false # c11
} # c12

c := {"a": 1, # c13
"b": 2, # c14
# c15
}

d := [x | x := [1, 2, # c16
3][_] # c17
] # c18

e := f(1, # c19
2) # c20

f(x, y) := z if { z := x + # c21
y }

g := { # c22
}
h := ( # c23
1 + 2)
i := "x" # c24
	# c25
j if input.a # c26
k if not input.b # c27
	# c28
l if { input.a; # c29
 input.b; input.c } # c30
