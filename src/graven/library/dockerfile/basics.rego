# METADATA
# title: Basics of a Dockerfile
# description: An image that can be made again, runs as somebody, and carries no secrets.
# related_resources:
# - https://docs.docker.com/build/building/best-practices/
package graven.dockerfile

# METADATA
# title: Not as root
# description: The last stage, or the one that it is made from, names a user that is not root.
# custom:
#   id: graven-docker-user
#   severity: high
#   remediation: Add USER with a name or a number that is not root's to the last stage.
deny contains {"msg": "the image runs as root: its last stage names no other user"} if {
	count(input) > 0
	not somebody
}

somebody if {
	users := [trim(filled(step.Value[0]), `"'`) | some step in input; step.Stage in lineage; step.Cmd == "user"]
	user := users[count(users) - 1]
	not regex.match(`^(root|0+)?(:.*)?$`, user)
	not contains(user, "$")
}

last := max({step.Stage | some step in input})

# The last stage, the one that it is made from, and so on.
lineage := graph.reachable({stage: {other.Stage | some at, step in openings; step.Stage == stage; some other in earlier(at, step.Value[0])} | some stage in {step.Stage | some step in input}}, {last})

openings[at] := step if {
	some at, step in input
	step.Cmd == "from"
}

# The stage of a name that stands before a place; names are told apart without regard to case.
earlier(place, name) := {step |
	some at, step in openings
	at < place
	lower(step.Value[1]) == "as"
	lower(step.Value[2]) == lower(name)
}

# A text with the values of arguments and variables that have one value in the file.
filled(text) := strings.replace_n(values, regex.replace(braced, `\$\{\w+:?-([^${}]*)\}`, "$1")) if {
	braced := regex.replace(text, `\$(\w+)`, "$${$1}")
}

values := {sprintf("${%s}", [name]): trim(value, `"'`) |
	some [name, value] in settings
	count({other | some [same, other] in settings; same == name}) == 1
}

# METADATA
# title: A tag that says which
# description: What FROM, COPY and RUN take images from names a tag that is not latest, or a digest; arguments have the values of the file.
# custom:
#   id: graven-docker-latest
#   severity: high
#   remediation: Name a version, and better still a digest.
deny contains {"msg": msg} if {
	some image in bases
	not contains(image, "$")
	not named(image)
	msg := sprintf("the image %s is whatever is the latest", [image])
}

named(image) if contains(image, "@")

named(image) if {
	parts := split(image, "/")
	[_, tag] := split(parts[count(parts) - 1], ":")
	tag != "latest"
}

# METADATA
# title: Pinned by digest
# description: What FROM, COPY and RUN take images from names a digest, which cannot point at something else tomorrow.
# custom:
#   id: graven-docker-digest
#   severity: medium
#   remediation: Name the image as REPOSITORY@sha256:DIGEST.
warn contains {"msg": msg} if {
	some image in bases
	not contains(image, "@sha256:")
	msg := sprintf("the image %s is not pinned by digest", [image])
}

bases contains image if {
	some at, step in openings
	image := filled(step.Value[0])
	image != "scratch"
	earlier(at, image) == set()
}

bases contains image if {
	some at, step in input
	step.Cmd in {"copy", "run"}
	some flag in step.Flags
	regex.match(taken_from, flag)
	image := filled(regex.replace(flag, taken_from, "$1"))
	not regex.match(`^[0-9]+$`, image)
	earlier(at, image) == set()
}

taken_from := `^--(?:from=|mount=(?:.*,)?from=)([^,]+).*$`

# METADATA
# title: No ADD from afar
# description: ADD of an address fetches what nobody has looked at; with a checksum it is held against it.
# custom:
#   id: graven-docker-add
#   severity: high
#   remediation: Give --checksum=sha256:DIGEST, or COPY what was fetched and verified before.
deny contains {"msg": msg} if {
	some step in input
	step.Cmd == "add"
	some at, written in step.Value
	at < count(step.Value) - 1
	source := filled(written)
	regex.match(`^((https?|ftp|git|ssh)://|git@)`, source)
	not summed(step)
	msg := sprintf("ADD fetches %s without a checksum", [source])
}

summed(step) if {
	some flag in step.Flags
	startswith(flag, "--checksum=")
}

# METADATA
# title: No secrets
# description: What ENV and ARG say is in the image, or in its history, for everybody to read.
# custom:
#   id: graven-docker-secret
#   severity: critical
#   remediation: Mount the secret while building (RUN --mount=type=secret), or give it at run time.
deny contains {"msg": msg} if {
	some [name, value] in settings
	regex.match(`(?i)((^|_)(pass|pwd|secret|token|api_?key|private_?key|credentials?)|password|passwd)(_|$)`, name)
	not regex.match(`^["']?(\$(\w+|\{\w+\}))?["']?$`, value)
	msg := sprintf("%s is in the image for everybody to read", [name])
}

settings contains [name, step.Value[at + 1]] if {
	some step in input
	step.Cmd == "env"
	some at, name in step.Value
	at % 3 == 0
}

settings contains [name, value] if {
	some step in input
	step.Cmd == "arg"
	some argument in step.Value
	at := indexof(argument, "=")
	at != -1
	name := substring(argument, 0, at)
	value := trim_prefix(argument, concat("", [name, "="]))
}

# METADATA
# title: No script from afar
# description: RUN pipes nothing that it fetches into a shell.
# custom:
#   id: graven-docker-pipe
#   severity: high
#   remediation: Fetch the file, hold it against its digest, then run it.
deny contains {"msg": "RUN pipes what it fetches into a shell"} if {
	some step in input
	step.Cmd == "run"
	some pattern in [
		`\b(curl|wget)\b[^;&]*\|&?\s*((sudo|env|exec)\s+(-\S+\s+|\w+=\S*\s+)*)*(/\S*/)?((ba|da|z|k|a)?sh|python[0-9.]*|perl|node|ruby)\b`,
		`\b((ba|da|z|k|a)?sh|eval|source)\b[^;&|]*(\$|<)\(\s*(curl|wget)\b`,
	]
	regex.match(pattern, concat(" ", step.Value))
}
