package sales

rate(region) := data.rates[region]

fixed(_) := 5

test_rate if {
	rate("north") == 3 with data.rates as {"north": input.three}
	rate("south") == 5 with rate as fixed
	count(input.regions) == 2 with count as 2 with input.regions as [r | some r in data.regions]
	not rate(input.region) with input as object.union(input, {"region": "west"})
}

test_same if {
	input.left == data.right
	every line in input.lines { line.total == data.sums[line.id] }
	not input.none == data.none
}
