package main

import (
	"crypto/sha256"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podStatusAt is the status that a kubelet would write for a pod on its node.
func podStatusAt(pod *corev1.Pod, at moment, podIP string, now time.Time) corev1.PodStatus {
	status := *pod.Status.DeepCopy()
	status.ObservedGeneration = pod.Generation
	status.Phase = phaseAt(at)
	if status.StartTime == nil {
		status.StartTime = &metav1.Time{Time: now}
	}
	status.HostIP = nodeAddress
	status.HostIPs = []corev1.HostIP{{IP: nodeAddress}}
	if at.state != creating && status.PodIP == "" {
		status.PodIP = podIP
		status.PodIPs = []corev1.PodIP{{IP: podIP}}
	}
	status.InitContainerStatuses = nil
	for _, container := range pod.Spec.InitContainers {
		previous := findContainerStatus(pod.Status.InitContainerStatuses, container.Name)
		status.InitContainerStatuses = append(status.InitContainerStatuses,
			containerStatusAt(pod, container, initMoment(container, at), previous, now))
	}
	status.ContainerStatuses = nil
	for _, container := range pod.Spec.Containers {
		previous := findContainerStatus(pod.Status.ContainerStatuses, container.Name)
		status.ContainerStatuses = append(status.ContainerStatuses,
			containerStatusAt(pod, container, at, previous, now))
	}
	status.Conditions = podConditionsAt(pod, at, status.ContainerStatuses, now)
	return status
}

func phaseAt(at moment) corev1.PodPhase {
	switch {
	case at.state == running, at.state == crashBackOff:
		return corev1.PodRunning
	case at.state == terminated && at.exitCode == 0:
		return corev1.PodSucceeded
	case at.state == terminated:
		return corev1.PodFailed
	default:
		return corev1.PodPending
	}
}

// initMoment lets init containers end well while the pod is created; sidecars live as long as the pod.
func initMoment(container corev1.Container, at moment) moment {
	isSidecar := container.RestartPolicy != nil && *container.RestartPolicy == corev1.ContainerRestartPolicyAlways
	switch {
	case at.state == creating:
		return moment{state: creating}
	case !isSidecar, at.state == terminated:
		return moment{state: terminated, ready: !isSidecar}
	default:
		return moment{state: running, ready: true}
	}
}

func containerStatusAt(
	pod *corev1.Pod, container corev1.Container, at moment, previous corev1.ContainerStatus, now time.Time,
) corev1.ContainerStatus {
	// A healed pod keeps the restarts that it had.
	restarts := max(at.restarts, previous.RestartCount)
	status := corev1.ContainerStatus{
		Name:                 container.Name,
		Image:                container.Image,
		Ready:                at.ready,
		RestartCount:         restarts,
		LastTerminationState: previous.LastTerminationState,
	}
	started := at.state == running
	status.Started = &started
	id := containerID(pod, container.Name, restarts)
	if at.state == running || at.state == crashBackOff || at.state == terminated {
		status.ImageID = imageID(container.Image)
		status.ContainerID = id
	}

	startedAt := metav1.Time{Time: now}
	if previous.State.Running != nil && previous.RestartCount == restarts {
		startedAt = previous.State.Running.StartedAt
	}
	switch at.state {
	case creating:
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		if len(pod.Spec.InitContainers) > 0 {
			status.State.Waiting.Reason = "PodInitializing"
		}
	case pullFailed:
		status.State.Waiting = &corev1.ContainerStateWaiting{Reason: "ErrImagePull", Message: pullError(container.Image)}
	case pullBackOff:
		status.State.Waiting = &corev1.ContainerStateWaiting{
			Reason:  "ImagePullBackOff",
			Message: fmt.Sprintf("Back-off pulling image %q: ErrImagePull: %s", container.Image, pullError(container.Image)),
		}
	case running:
		status.State.Running = &corev1.ContainerStateRunning{StartedAt: startedAt}
		if restarts > previous.RestartCount {
			status.LastTerminationState.Terminated = crashed(pod, container.Name, restarts-1, previous, now)
		}
	case crashBackOff:
		status.State.Waiting = &corev1.ContainerStateWaiting{
			Reason: "CrashLoopBackOff",
			Message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s_%s(%s)",
				at.backOff, container.Name, pod.Name, pod.Namespace, pod.UID),
		}
		if last := previous.LastTerminationState.Terminated; last == nil || last.ContainerID != id {
			status.LastTerminationState.Terminated = crashed(pod, container.Name, restarts, previous, now)
		}
	case terminated:
		status.State.Terminated = previous.State.Terminated
		if status.State.Terminated == nil {
			status.State.Terminated = ended(id, at.exitCode, startedAt, now)
		}
	}
	return status
}

func crashed(
	pod *corev1.Pod, container string, restarts int32, previous corev1.ContainerStatus, now time.Time,
) *corev1.ContainerStateTerminated {
	startedAt := metav1.Time{Time: now}
	if previous.State.Running != nil {
		startedAt = previous.State.Running.StartedAt
	}
	return ended(containerID(pod, container, restarts), 1, startedAt, now)
}

func ended(id string, exitCode int32, startedAt metav1.Time, now time.Time) *corev1.ContainerStateTerminated {
	reason := "Completed"
	if exitCode != 0 {
		reason = "Error"
	}
	return &corev1.ContainerStateTerminated{
		ExitCode:    exitCode,
		Reason:      reason,
		StartedAt:   startedAt,
		FinishedAt:  metav1.Time{Time: now},
		ContainerID: id,
	}
}

func pullError(image string) string {
	return fmt.Sprintf("rpc error: code = NotFound desc = failed to pull and unpack image %q: not found", image)
}

func containerID(pod *corev1.Pod, container string, restarts int32) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%d", pod.UID, container, restarts))
	return fmt.Sprintf("containerd://%x", sum)
}

func imageID(image string) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(image)))
}

func findContainerStatus(statuses []corev1.ContainerStatus, name string) corev1.ContainerStatus {
	for _, status := range statuses {
		if status.Name == name {
			return status
		}
	}
	return corev1.ContainerStatus{}
}
