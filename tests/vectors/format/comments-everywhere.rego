# file
package   p  # package

# imports
import   data.b
import data.a  as z # why
import input.x

# METADATA
# title: t
default   allow=false
# one
allow if{ # opened
  # inside
  input.a   # behind
  some i,j
  not   input.b[i][ j ]


  # after a gap
  every k,v in input.c{ v==k }
  # last
} # closed
else := 3 if   input.z
# between
names:=[n|n:=input.names[_]] # array
objects := {"a":1,
  # within
  "b": [1,2,
   3]}
# the end
