package graven.dockerfile_test

import data.graven.dockerfile

step(command, value) := {"Cmd": command, "SubCmd": "", "Flags": [], "Value": value, "Stage": 0, "JSON": false}

from := step("from", ["debian:12@sha256:aa"])

user := step("user", ["web"])

messages(steps) := {result.msg | some result in dockerfile.deny with input as steps}

root := "the image runs as root: its last stage names no other user"

test_a_good_file_passes if {
	messages([from, user]) == set()
	dockerfile.warn == set() with input as [from, user]
	dockerfile.deny == set() with input as []
}

test_users[name] if {
	some name, case in {
		"none": {"steps": [from], "want": {root}},
		"root": {"steps": [from, step("user", ["root"])], "want": {root}},
		"root and group": {"steps": [from, step("user", ["0:0"])], "want": {root}},
		"a name that begins so": {"steps": [from, step("user", ["rooted"])], "want": set()},
		"a number that begins so": {"steps": [from, step("user", ["01"])], "want": set()},
		"root last": {"steps": [from, user, step("user", ["root"])], "want": {root}},
		"root first": {"steps": [from, step("user", ["root"]), user], "want": set()},
		"of an earlier stage": {"steps": [from, user, object.union(from, {"Stage": 1})], "want": {root}},
		"of the last stage": {"steps": [from, object.union(from, {"Stage": 1}), object.union(user, {"Stage": 1})], "want": set()},
	}
	messages(case.steps) == case.want
}

latest(image) := sprintf("the image %s is whatever is the latest", [image])

test_tags[name] if {
	some name, case in {
		"none": {"image": "debian", "want": {latest("debian")}},
		"latest": {"image": "debian:latest", "want": {latest("debian:latest")}},
		"a port and none": {"image": "host:5000/debian", "want": {latest("host:5000/debian")}},
		"a port and a tag": {"image": "host:5000/debian:12", "want": set()},
		"a tag": {"image": "debian:12", "want": set()},
		"a digest": {"image": "debian@sha256:aa", "want": set()},
		"nothing": {"image": "scratch", "want": set()},
		"an argument": {"image": "$BASE", "want": set()},
	}
	messages([step("from", [case.image]), user]) == case.want
}

test_a_stage_is_no_image if {
	messages([step("from", ["debian:12", "AS", "build"]), step("from", ["build"]), user]) == set()
	messages([step("from", ["debian:12", "as", "build"]), step("from", ["build"]), user]) == set()
	messages([step("from", ["debian:12", "--", "build"]), step("from", ["build"]), user]) == {latest("build")}
	messages([step("copy", ["debian:12", "as", "build"]), step("from", ["build"]), user]) == {latest("build")}
}

test_digests_are_better if {
	dockerfile.warn == {{"msg": "the image debian:12 is not pinned by digest"}} with input as [step("from", ["debian:12"])]
	dockerfile.warn == {{"msg": "the image debian@md5:aa is not pinned by digest"}} with input as [step("from", ["debian@md5:aa"])]
	dockerfile.warn == set() with input as [step("copy", ["debian:12"])]
}

test_what_is_added[name] if {
	some name, case in {
		"an address": {"step": step("add", ["https://a.test/b", "/"]), "want": {"ADD fetches https://a.test/b without a checksum"}},
		"the second": {"step": step("add", ["a", "http://a.test/b", "/"]), "want": {"ADD fetches http://a.test/b without a checksum"}},
		"another flag": {"step": object.union(step("add", ["git://a.test/b", "/"]), {"Flags": ["--link"]}), "want": {"ADD fetches git://a.test/b without a checksum"}},
		"a checksum": {"step": object.union(step("add", ["https://a.test/b", "/"]), {"Flags": ["--checksum=sha256:aa"]}), "want": set()},
		"a file": {"step": step("add", ["https.tar", "/"]), "want": set()},
		"a place": {"step": step("add", ["a", "https://a.test/b"]), "want": set()},
		"copied": {"step": step("copy", ["https://a.test/b", "/"]), "want": set()},
	}
	messages([from, case.step, user]) == case.want
}

secret(name) := {sprintf("%s is in the image for everybody to read", [name])}

test_secrets[name] if {
	some name, case in {
		"a password": {"step": step("env", ["DB_PASSWORD", "x", "="]), "want": secret("DB_PASSWORD")},
		"the second": {"step": step("env", ["A", "1", "=", "api_key", "x", "="]), "want": secret("api_key")},
		"an argument": {"step": step("arg", ["TOKEN=x"]), "want": secret("TOKEN")},
		"a value with a sign of its own": {"step": step("arg", ["TOKEN=x="]), "want": secret("TOKEN")},
		"the second argument": {"step": step("arg", ["A", "SECRET=x"]), "want": secret("SECRET")},
		"an argument without value": {"step": step("arg", ["TOKEN"]), "want": set()},
		"empty": {"step": step("env", ["TOKEN", "", "="]), "want": set()},
		"empty in quotes": {"step": step("env", ["TOKEN", `""`, "="]), "want": set()},
		"another's": {"step": step("env", ["TOKEN", "$TOKEN", "="]), "want": set()},
		"a word that holds one": {"step": step("env", ["TOKENIZER", "x", "="]), "want": set()},
		"a label": {"step": step("label", ["TOKEN", "x", "="]), "want": set()},
		"a label in one": {"step": step("label", ["TOKEN=x"]), "want": set()},
		"an argument that is empty": {"step": step("arg", ["TOKEN="]), "want": set()},
		"an argument that is another's": {"step": step("arg", ["TOKEN=$X"]), "want": set()},
		"a value": {"step": step("env", ["A", "TOKEN", "="]), "want": set()},
	}
	messages([from, case.step, user]) == case.want
}

pipe := {"RUN pipes what it fetches into a shell"}

test_scripts_from_afar[name] if {
	some name, case in {
		"curl": {"step": step("run", ["curl -s https://a.test | sh"]), "want": pipe},
		"wget": {"step": step("run", ["wget -O- https://a.test |sudo /bin/bash -s"]), "want": pipe},
		"in parts": {"step": step("run", ["curl", "https://a.test | sh"]), "want": pipe},
		"another pipe": {"step": step("run", ["curl https://a.test | tar x"]), "want": set()},
		"apart": {"step": step("run", ["curl -o a https://a.test; cat b | sh"]), "want": set()},
		"no shell": {"step": step("run", ["curl https://a.test | shasum"]), "want": set()},
		"a label": {"step": step("label", ["curl https://a.test | sh"]), "want": set()},
	}
	messages([from, case.step, user]) == case.want
}
