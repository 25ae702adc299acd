package graven.registries.artifactory_test

import data.graven.registries.artifactory

terraform(values) := {"type": "artifactory_local_maven_repository", "values": values}

rest(values) := object.union({"rclass": "local"}, values)

test_each_form[name] if {
	some name, case in {
		"nothing said": {"input": terraform({}), "want": set()},
		"tags": {"input": terraform({"max_unique_tags": 5}), "want": {{"msg": "a new tag deletes the oldest one"}}},
		"tags in JSON": {"input": rest({"maxUniqueTags": 1}), "want": {{"msg": "a new tag deletes the oldest one"}}},
		"all tags": {"input": rest({"maxUniqueTags": 0}), "want": set()},
		"both": {"input": terraform({"handle_releases": true, "handle_snapshots": true}), "want": {{"msg": "releases and snapshots, which change, lie in one repository"}}},
		"both in JSON": {"input": rest({"handleReleases": true, "handleSnapshots": true}), "want": {{"msg": "releases and snapshots, which change, lie in one repository"}}},
		"both by words": {"input": terraform({"handle_releases": "true", "handle_snapshots": "true"}), "want": {{"msg": "releases and snapshots, which change, lie in one repository"}}},
		"releases": {"input": rest({"handleReleases": true, "handleSnapshots": false}), "want": set()},
		"snapshots": {"input": rest({"handleReleases": false, "handleSnapshots": true}), "want": set()},
		"mixed": {"input": rest({"handleReleases": true, "handle_snapshots": true}), "want": set()},
		"checksums": {"input": terraform({"checksum_policy_type": "server-generated-checksums"}), "want": {{"msg": "what arrives is not held against the client's checksum"}}},
		"checksums in JSON": {"input": rest({"checksumPolicyType": "server-generated-checksums"}), "want": {{"msg": "what arrives is not held against the client's checksum"}}},
		"checksums held": {"input": rest({"checksumPolicyType": "client-checksums"}), "want": set()},
		"another kind of repository": {"input": {"rclass": "remote", "maxUniqueTags": 5}, "want": set()},
		"another resource": {"input": {"type": "artifactory_remote_docker_repository", "values": {"max_unique_tags": 5}}, "want": set()},
	}
	artifactory.deny == case.want with input as case.input
}

permission(kind, permissions) := {"type": "artifactory_permission_target", "values": {"repo": [{"actions": [{kind: [{"name": "ada", "permissions": permissions}]}]}]}}

test_nobody_deletes if {
	artifactory.deny == {{"msg": "ada may delete and overwrite artifacts"}} with input as permission("users", ["read", "delete"])
	artifactory.deny == {{"msg": "ada may delete and overwrite artifacts"}} with input as permission("groups", ["delete"])
	artifactory.deny == set() with input as permission("users", ["read", "write"])
	artifactory.deny == set() with input as object.union(permission("users", ["delete"]), {"type": "artifactory_group"})
}
