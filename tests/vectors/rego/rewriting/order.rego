package order

late if {
	not x
	y > z
	x = input.x
	z = y + 1
	y = input.y
}

closed := [z | z > n; z = input.zs[_]; not w; w = input.w[z]] if {
	count(input.zs) == n
	n = input.n
}

pairs if {
	[a, b] = [b, c]
	walk(input.tree, [path, a])
	c = path[0]
}
