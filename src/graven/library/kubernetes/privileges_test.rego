package graven.kubernetes.privileges_test

import data.graven.kubernetes.privileges

good := {"kind": "Pod", "spec": {
	"securityContext": {"runAsNonRoot": true},
	"containers": [{
		"name": "c",
		"securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
		"resources": {"limits": {"memory": "1Gi"}},
	}],
}}

messages(changes) := {result.msg | some result in privileges.deny with input as json.patch(good, changes)}

warnings(changes) := {result.msg | some result in privileges.warn with input as json.patch(good, changes)}

set_(path, value) := [{"op": "add", "path": path, "value": value}]

test_a_good_pod_passes if {
	messages([]) == set()
	warnings([]) == set()
}

test_what_is_no_workload_is_left_alone if {
	privileges.deny == set() with input as {"kind": "Service", "spec": {"hostNetwork": true, "containers": [{"name": "c"}]}}
	privileges.warn == set() with input as {"kind": "Service", "spec": {"containers": [{"name": "c"}], "template": {"spec": {"containers": [{"name": "c"}]}}}}
}

test_a_kind_that_is_not_known_is_left_alone if {
	every document in [{"kind": "Other", "spec": {"jobTemplate": {"spec": {"template": {"spec": bad}}}}}, {"kind": "Other", "template": {"spec": bad}}] {
		privileges.deny == set() with input as document
	}
}

test_each_form[name] if {
	some name, case in {
		"privileged": {"change": set_("/spec/containers/0/securityContext/privileged", true), "want": {"the container c is privileged"}},
		"not privileged": {"change": set_("/spec/containers/0/securityContext/privileged", false), "want": set()},
		"a process of the node": {"change": set_("/spec/containers/0/securityContext/windowsOptions", {"hostProcess": true}), "want": {"the pod runs processes on its node (hostProcess)"}},
		"processes of the node": {"change": set_("/spec/securityContext/windowsOptions", {"hostProcess": true}), "want": {"the pod runs processes on its node (hostProcess)"}},
		"no process of the node": {"change": set_("/spec/securityContext/windowsOptions", {"hostProcess": false}), "want": set()},
		"escalation": {"change": set_("/spec/containers/0/securityContext/allowPrivilegeEscalation", true), "want": {"the container c may gain privileges"}},
		"escalation not said": {"change": [{"op": "remove", "path": "/spec/containers/0/securityContext/allowPrivilegeEscalation"}], "want": {"the container c may gain privileges"}},
		"network": {"change": set_("/spec/hostNetwork", true), "want": {"the pod uses the node's own (hostNetwork)"}},
		"processes": {"change": set_("/spec/hostPID", true), "want": {"the pod uses the node's own (hostPID)"}},
		"ipc": {"change": set_("/spec/hostIPC", true), "want": {"the pod uses the node's own (hostIPC)"}},
		"own ipc": {"change": set_("/spec/hostIPC", false), "want": set()},
		"a folder": {"change": set_("/spec/volumes", [{"name": "v", "hostPath": {"path": "/"}}]), "want": {"the volume v is a folder of the node"}},
		"another volume": {"change": set_("/spec/volumes", [{"name": "v", "emptyDir": {}}]), "want": set()},
		"a port": {"change": set_("/spec/containers/0/ports", [{"hostPort": 1}]), "want": {"the container c listens on port 1 of the node"}},
		"no port": {"change": set_("/spec/containers/0/ports", [{"hostPort": 0}, {"containerPort": 80}]), "want": set()},
		"root by the pod": {"change": set_("/spec/securityContext/runAsNonRoot", false), "want": {"the container c may run as root"}},
		"root not said": {"change": [{"op": "remove", "path": "/spec/securityContext"}], "want": {"the container c may run as root"}},
		"root by the container": {"change": set_("/spec/containers/0/securityContext/runAsNonRoot", false), "want": {"the container c may run as root"}},
		"no root by the container": {"change": array.concat(set_("/spec/securityContext/runAsNonRoot", false), set_("/spec/containers/0/securityContext/runAsNonRoot", true)), "want": set()},
		"user 0": {"change": set_("/spec/containers/0/securityContext/runAsUser", 0), "want": {"the container c may run as root"}},
		"user 0 of the pod": {"change": set_("/spec/securityContext/runAsUser", 0), "want": {"the container c may run as root"}},
		"user 0 of the pod only": {"change": array.concat(set_("/spec/securityContext/runAsUser", 0), set_("/spec/containers/0/securityContext/runAsUser", 7)), "want": set()},
		"a capability": {"change": set_("/spec/containers/0/securityContext/capabilities/add", ["SYS_ADMIN"]), "want": {"the container c has the capability SYS_ADMIN"}},
		"the harmless one": {"change": set_("/spec/containers/0/securityContext/capabilities/add", ["NET_BIND_SERVICE"]), "want": set()},
		"an init container": {"change": set_("/spec/initContainers", [{"name": "i"}]), "want": {"the container i may gain privileges"}},
		"an ephemeral container": {"change": set_("/spec/ephemeralContainers", [{"name": "e"}]), "want": {"the container e may gain privileges"}},
	}
	messages(case.change) == case.want
}

test_each_warning[name] if {
	some name, case in {
		"keeps": {"change": [{"op": "remove", "path": "/spec/containers/0/securityContext/capabilities/drop"}], "want": {"the container c keeps capabilities"}},
		"drops one": {"change": set_("/spec/containers/0/securityContext/capabilities/drop", ["CHOWN"]), "want": {"the container c keeps capabilities"}},
		"no limit": {"change": [{"op": "remove", "path": "/spec/containers/0/resources"}], "want": {"the container c has no limit of memory"}},
	}
	warnings(case.change) == case.want
}

bad := {"containers": [{"name": "c", "securityContext": {"privileged": true, "allowPrivilegeEscalation": false, "runAsNonRoot": true}}]}

test_each_kind_of_workload[name] if {
	some name, document in {
		"Pod": {"kind": "Pod", "spec": bad},
		"Deployment": {"kind": "Deployment", "spec": {"template": {"spec": bad}}},
		"StatefulSet": {"kind": "StatefulSet", "spec": {"template": {"spec": bad}}},
		"DaemonSet": {"kind": "DaemonSet", "spec": {"template": {"spec": bad}}},
		"ReplicaSet": {"kind": "ReplicaSet", "spec": {"template": {"spec": bad}}},
		"ReplicationController": {"kind": "ReplicationController", "spec": {"template": {"spec": bad}}},
		"Job": {"kind": "Job", "spec": {"template": {"spec": bad}}},
		"CronJob": {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": bad}}}}},
		"PodTemplate": {"kind": "PodTemplate", "template": {"spec": bad}},
	}
	privileges.deny == {{"msg": "the container c is privileged"}} with input as document
}

own(version, spec) := {result | some result in privileges.deny with input as {"apiVersion": version, "kind": "Service", "spec": {"template": {"spec": spec}}}}

test_kinds_that_others_bring if {
	every version in ["argoproj.io/v1alpha1", "serving.knative.dev/v1"] {
		own(version, bad) == {{"msg": "the container c is privileged"}}
	}
	every version in ["v1", "apps/v1", "apps/v1.io", "gateway.networking.k8s.io/v1"] {
		own(version, bad) == set()
	}
	own("argoproj.io/v1alpha1", {"hostNetwork": true}) == set()
}

test_volumes_of_the_node if {
	volume := {"kind": "PersistentVolume", "spec": {"hostPath": {"path": "/"}}}
	privileges.deny == {{"msg": "the volume is a folder of the node"}} with input as volume
	privileges.deny == set() with input as object.union(volume, {"kind": "PersistentVolumeClaim"})
	privileges.deny == set() with input as {"kind": "PersistentVolume", "spec": {"csi": {}}}
}
