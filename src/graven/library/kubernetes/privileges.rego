# METADATA
# title: Privileges of Kubernetes workloads
# description: Pods keep to themselves, as the Pod Security Standards' profile "restricted" asks.
# related_resources:
# - https://kubernetes.io/docs/concepts/security/pod-security-standards/
package graven.kubernetes.privileges

# METADATA
# title: No privileged container
# description: A privileged container has the node's devices and capabilities.
# custom:
#   id: graven-k8s-privileged
#   severity: critical
#   remediation: Take securityContext.privileged away.
deny contains {"msg": msg} if {
	some container in containers
	container.securityContext.privileged == true
	msg := sprintf("the container %v is privileged", [container.name])
}

# METADATA
# title: No process of a Windows host
# description: A HostProcess container runs on its node as if it were none.
# custom:
#   id: graven-k8s-host-process
#   severity: critical
#   remediation: Take securityContext.windowsOptions.hostProcess away.
deny contains {"msg": "the pod runs processes on its node (hostProcess)"} if {
	some place in array.concat([pod], [container | some container in containers])
	place.securityContext.windowsOptions.hostProcess == true
}

# METADATA
# title: No escalation of privileges
# description: allowPrivilegeEscalation is false for each container.
# custom:
#   id: graven-k8s-escalation
#   severity: high
#   remediation: Set securityContext.allowPrivilegeEscalation to false.
deny contains {"msg": msg} if {
	some container in containers
	not contained(container)
	msg := sprintf("the container %v may gain privileges", [container.name])
}

contained(container) if container.securityContext.allowPrivilegeEscalation == false

# METADATA
# title: No namespaces of the host
# description: The pod uses neither the network nor the processes nor the IPC of its node.
# custom:
#   id: graven-k8s-host-namespaces
#   severity: high
#   remediation: Take hostNetwork, hostPID and hostIPC away.
deny contains {"msg": msg} if {
	some key in ["hostNetwork", "hostPID", "hostIPC"]
	pod[key] == true
	msg := sprintf("the pod uses the node's own (%s)", [key])
}

# METADATA
# title: No folder of the host
# description: No volume is a hostPath.
# custom:
#   id: graven-k8s-host-path
#   severity: high
#   remediation: Use a volume of another kind.
deny contains {"msg": msg} if {
	some volume in pod.volumes
	volume.hostPath
	msg := sprintf("the volume %v is a folder of the node", [volume.name])
}

# METADATA
# title: No volume of the host
# description: No PersistentVolume is a folder of a node, by which a pod would come to one without naming it.
# custom:
#   id: graven-k8s-host-volume
#   severity: high
#   remediation: Use a volume of another kind.
deny contains {"msg": "the volume is a folder of the node"} if {
	input.kind == "PersistentVolume"
	input.spec.hostPath
}

# METADATA
# title: No port of the host
# description: No container listens on a port of its node.
# custom:
#   id: graven-k8s-host-port
#   severity: medium
#   remediation: Take hostPort away; use a Service.
deny contains {"msg": msg} if {
	some container in containers
	some port in container.ports
	port.hostPort > 0
	msg := sprintf("the container %v listens on port %v of the node", [container.name, port.hostPort])
}

# METADATA
# title: Not as root
# description: runAsNonRoot is true for each container, by its own or its pod's security context, and runAsUser is not 0.
# custom:
#   id: graven-k8s-root
#   severity: high
#   remediation: Set securityContext.runAsNonRoot to true.
deny contains {"msg": msg} if {
	some container in containers
	not unrooted(container)
	msg := sprintf("the container %v may run as root", [container.name])
}

unrooted(container) if {
	object.get(container, ["securityContext", "runAsNonRoot"], own) == true
	object.get(container, ["securityContext", "runAsUser"], object.get(pod, ["securityContext", "runAsUser"], null)) != 0
}

default own := false

own := pod.securityContext.runAsNonRoot

# METADATA
# title: No added capabilities
# description: Only NET_BIND_SERVICE may be added.
# custom:
#   id: graven-k8s-capabilities
#   severity: high
#   remediation: Take the capability out of securityContext.capabilities.add.
deny contains {"msg": msg} if {
	some container in containers
	some capability in container.securityContext.capabilities.add
	capability != "NET_BIND_SERVICE"
	msg := sprintf("the container %v has the capability %v", [container.name, capability])
}

# METADATA
# title: Capabilities dropped
# description: Each container drops ALL capabilities.
# custom:
#   id: graven-k8s-drop
#   severity: medium
#   remediation: Set securityContext.capabilities.drop to ["ALL"].
warn contains {"msg": msg} if {
	some container in containers
	not dropping(container)
	msg := sprintf("the container %v keeps capabilities", [container.name])
}

dropping(container) if "ALL" in container.securityContext.capabilities.drop

# METADATA
# title: Limited memory
# description: Each container has a limit of memory, so that one cannot take its node down.
# custom:
#   id: graven-k8s-memory
#   severity: low
#   remediation: Set resources.limits.memory.
warn contains {"msg": msg} if {
	some container in containers
	not limited(container)
	msg := sprintf("the container %v has no limit of memory", [container.name])
}

limited(container) if container.resources.limits.memory

containers contains container if {
	some list in ["initContainers", "containers", "ephemeralContainers"]
	some container in pod[list]
}

pod := input.spec if input.kind == "Pod"

pod := input.spec.template.spec if {
	input.kind in {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}
}

# of a kind that Kubernetes does not bring, as Rollout and Knative's Service are
pod := input.spec.template.spec if {
	regex.match(`^[^/]*\.[^/]*/`, input.apiVersion)
	not regex.match(`\.k8s\.io/`, input.apiVersion)
	is_array(input.spec.template.spec.containers)
}

pod := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

pod := input.template.spec if input.kind == "PodTemplate"
