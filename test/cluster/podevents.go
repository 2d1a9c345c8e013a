package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

type podEvent struct {
	kind    string
	reason  string
	message string
	// container is empty for events about the whole pod.
	container string
}

// podEventsAt is what a kubelet reports when a pod gets from its stored status to the new one.
func podEventsAt(pod *corev1.Pod, at moment, status corev1.PodStatus) []podEvent {
	var events []podEvent
	for _, container := range pod.Spec.Containers {
		old := findContainerStatus(pod.Status.ContainerStatuses, container.Name)
		current := findContainerStatus(status.ContainerStatuses, container.Name)
		if sameState(old, current) {
			continue
		}
		for _, event := range containerEvents(pod, container, at) {
			event.container = container.Name
			events = append(events, event)
		}
	}
	return events
}

func containerEvents(pod *corev1.Pod, container corev1.Container, at moment) []podEvent {
	const normal, warning = corev1.EventTypeNormal, corev1.EventTypeWarning
	switch at.state {
	case pullFailed:
		return []podEvent{
			{kind: normal, reason: "Pulling", message: fmt.Sprintf("Pulling image %q", container.Image)},
			{kind: warning, reason: "Failed", message: fmt.Sprintf("Failed to pull image %q: %s", container.Image, pullError(container.Image))},
			{kind: warning, reason: "Failed", message: "Error: ErrImagePull"},
		}
	case pullBackOff:
		return []podEvent{
			{kind: normal, reason: "BackOff", message: fmt.Sprintf("Back-off pulling image %q", container.Image)},
			{kind: warning, reason: "Failed", message: "Error: ImagePullBackOff"},
		}
	case crashBackOff:
		return []podEvent{{kind: warning, reason: "BackOff", message: fmt.Sprintf(
			"Back-off restarting failed container %s in pod %s_%s(%s)", container.Name, pod.Name, pod.Namespace, pod.UID)}}
	case running:
		events := []podEvent{
			{kind: normal, reason: "Pulled", message: fmt.Sprintf("Container image %q already present on machine", container.Image)},
			{kind: normal, reason: "Created", message: "Container created"},
			{kind: normal, reason: "Started", message: "Container started"},
		}
		if b, _, _ := behaviourOf(pod); b == neverReady {
			events = append(events, podEvent{kind: warning, reason: "Unhealthy",
				message: "Readiness probe failed: HTTP probe failed with statuscode: 503"})
		}
		return events
	default:
		return nil
	}
}

func sameState(a, b corev1.ContainerStatus) bool {
	return a.RestartCount == b.RestartCount && stateName(a.State) == stateName(b.State)
}

func stateName(state corev1.ContainerState) string {
	switch {
	case state.Waiting != nil:
		return state.Waiting.Reason
	case state.Running != nil:
		return "Running"
	case state.Terminated != nil:
		return "Terminated"
	default:
		return ""
	}
}
