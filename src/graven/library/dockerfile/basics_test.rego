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
		"of no name, which is root": {"steps": [from, step("user", [":web"])], "want": {root}},
		"root in quotes": {"steps": [from, step("user", [`"root"`])], "want": {root}},
		"root by an argument": {"steps": [step("arg", ["WHO=0"]), from, step("user", ["${WHO}"])], "want": {root}},
		"another by an argument": {"steps": [step("arg", [`WHO="web"`]), from, step("user", ["$WHO"])], "want": set()},
		"another by a variable": {"steps": [from, step("env", ["WHO", "web", "="]), step("user", ["$WHO"])], "want": set()},
		"another by default": {"steps": [from, step("user", ["${WHO:-web}"])], "want": set()},
		"root by default": {"steps": [from, step("user", ["${WHO-root}"])], "want": {root}},
		"nobody knows who": {"steps": [from, step("user", ["$WHO"])], "want": {root}},
		"nobody knows who, in part": {"steps": [from, step("user", ["u$WHO"])], "want": {root}},
		"one of two": {"steps": [step("arg", ["WHO=web"]), step("arg", ["WHO=root"]), from, step("user", ["$WHO"])], "want": {root}},
		"of the stage that it is made from": {"steps": [step("from", ["debian:12", "AS", "Base"]), user, object.union(step("from", ["base"]), {"Stage": 1})], "want": set()},
		"of a stage that it is not made from": {"steps": [step("from", ["debian:12", "AS", "base"]), user, object.union(step("from", ["debian:12", "AS", "other"]), {"Stage": 1}), object.union(step("from", ["other"]), {"Stage": 2})], "want": {root}},
		"root in the stage that it is made from": {"steps": [step("from", ["debian:12", "AS", "base"]), step("user", ["root"]), object.union(step("from", ["base"]), {"Stage": 1}), object.union(user, {"Stage": 1})], "want": set()},
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
		"an argument that says which": {"image": "$GOOD", "want": set()},
		"an argument that does not": {"image": "${BAD}", "want": {latest("debian:latest")}},
		"a tag by an argument": {"image": "debian:$TAG", "want": {latest("debian:latest")}},
		"an argument of a longer name": {"image": "debian:${TAG}$TAGS", "want": set()},
		"an unknown end": {"image": "debian$NONE", "want": set()},
		"a default": {"image": "${NONE:-debian}", "want": {latest("debian")}},
	}
	messages([step("arg", ["GOOD=debian:12", `BAD="debian:latest"`, "TAG=latest"]), step("from", [case.image]), user]) == case.want
}

test_images_that_something_is_taken_from[name] if {
	some name, case in {
		"copied": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--from=nginx"]}), "want": {latest("nginx")}},
		"mounted": {"step": object.union(step("run", ["x"]), {"Flags": ["--mount=type=bind,from=golang,target=/x"]}), "want": {latest("golang")}},
		"mounted first": {"step": object.union(step("run", ["x"]), {"Flags": ["--mount=from=golang"]}), "want": {latest("golang")}},
		"of a version": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--from=nginx:1"]}), "want": set()},
		"a stage": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--from=Build"]}), "want": set()},
		"a number": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--from=0"]}), "want": set()},
		"begins with a number": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--from=0a"]}), "want": {latest("0a")}},
		"another flag": {"step": object.union(step("copy", ["a", "b"]), {"Flags": ["--chown=from=nginx"]}), "want": set()},
		"of another kind": {"step": object.union(step("add", ["a", "b"]), {"Flags": ["--from=nginx"]}), "want": set()},
	}
	messages([step("from", ["debian:12", "AS", "build"]), case.step, user]) == case.want
}

test_a_stage_is_no_image if {
	messages([step("from", ["debian:12", "AS", "build"]), step("from", ["build"]), user]) == set()
	messages([step("from", ["debian:12", "as", "build"]), step("from", ["build"]), user]) == set()
	messages([step("from", ["debian:12", "--", "build"]), step("from", ["build"]), user]) == {latest("build")}
	messages([step("from", ["debian:12", "AS", "Build"]), step("from", ["bUILD"]), user]) == set()
	messages([step("from", ["nginx"]), step("from", ["debian:12", "AS", "nginx"]), user]) == {latest("nginx")}
	messages([step("from", ["nginx", "AS", "nginx"]), user]) == {latest("nginx")}
	messages([step("copy", ["debian:12", "as", "build"]), step("from", ["build"]), user]) == {latest("build")}
}

test_digests_are_better if {
	dockerfile.warn == {{"msg": "the image debian:12 is not pinned by digest"}} with input as [step("from", ["debian:12"])]
	dockerfile.warn == {{"msg": "the image debian@md5:aa is not pinned by digest"}} with input as [step("from", ["debian@md5:aa"])]
	dockerfile.warn == set() with input as [step("copy", ["debian:12"])]
	dockerfile.warn == {{"msg": "the image ${BASE} is not pinned by digest"}} with input as [step("from", ["$BASE"])]
}

test_what_is_added[name] if {
	some name, case in {
		"an address": {"step": step("add", ["https://a.test/b", "/"]), "want": {"ADD fetches https://a.test/b without a checksum"}},
		"the second": {"step": step("add", ["a", "http://a.test/b", "/"]), "want": {"ADD fetches http://a.test/b without a checksum"}},
		"another flag": {"step": object.union(step("add", ["git://a.test/b", "/"]), {"Flags": ["--link"]}), "want": {"ADD fetches git://a.test/b without a checksum"}},
		"a checksum": {"step": object.union(step("add", ["https://a.test/b", "/"]), {"Flags": ["--checksum=sha256:aa"]}), "want": set()},
		"by ssh": {"step": step("add", ["git@a.test:b.git", "/"]), "want": {"ADD fetches git@a.test:b.git without a checksum"}},
		"by an argument": {"step": step("add", ["${AFAR}/b", "/"]), "want": {"ADD fetches https://a.test/b without a checksum"}},
		"a file": {"step": step("add", ["https.tar", "/"]), "want": set()},
		"a place": {"step": step("add", ["a", "https://a.test/b"]), "want": set()},
		"copied": {"step": step("copy", ["https://a.test/b", "/"]), "want": set()},
	}
	messages([step("arg", ["AFAR=https://a.test"]), from, case.step, user]) == case.want
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
		"another's in braces": {"step": step("env", ["TOKEN", "${TOKEN}", "="]), "want": set()},
		"a default": {"step": step("env", ["TOKEN", "${X:-hunter2}", "="]), "want": secret("TOKEN")},
		"another's and more": {"step": step("env", ["TOKEN", "$X-hunter2", "="]), "want": secret("TOKEN")},
		"a password in one word": {"step": step("env", ["PGPASSWORD", "x", "="]), "want": secret("PGPASSWORD")},
		"a password in short": {"step": step("env", ["DB_PASS", "x", "="]), "want": secret("DB_PASS")},
		"a word that begins so": {"step": step("env", ["PASSENGER", "x", "="]), "want": set()},
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
		"by another user": {"step": step("run", ["curl https://a.test | sudo -E X=1 bash -"]), "want": pipe},
		"by two pipes": {"step": step("run", ["curl https://a.test | tee a | sh"]), "want": pipe},
		"another language": {"step": step("run", ["curl https://a.test | python3 -"]), "want": pipe},
		"as an argument": {"step": step("run", [`bash -c "$(curl -s https://a.test)"`]), "want": pipe},
		"as a file": {"step": step("run", ["bash <(curl -s https://a.test)"]), "want": pipe},
		"kept in a variable": {"step": step("run", ["X=$(curl -s https://a.test)"]), "want": set()},
		"another pipe": {"step": step("run", ["curl https://a.test | tar x"]), "want": set()},
		"apart": {"step": step("run", ["curl -o a https://a.test; cat b | sh"]), "want": set()},
		"no shell": {"step": step("run", ["curl https://a.test | shasum"]), "want": set()},
		"a label": {"step": step("label", ["curl https://a.test | sh"]), "want": set()},
	}
	messages([from, case.step, user]) == case.want
}
