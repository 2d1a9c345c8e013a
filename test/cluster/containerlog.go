package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

type logLine struct {
	at   time.Time
	text string
}

// containerLog is what a container has printed so far, or before its last restart.
func containerLog(pod *corev1.Pod, name string, previous bool) ([]logLine, error) {
	container, found := findContainer(pod, name)
	if !found {
		return nil, fmt.Errorf("container %q in pod %q is not available", name, pod.Name)
	}
	status := findContainerStatus(slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses), name)
	last := status.LastTerminationState.Terminated
	state := status.State
	var startedAt time.Time
	var exitCode int32
	switch {
	case previous && last == nil:
		return nil, fmt.Errorf("previous terminated container %q in pod %q not found", name, pod.Name)
	case !previous && state.Running != nil:
		startedAt = state.Running.StartedAt.Time
	case !previous && state.Terminated != nil:
		startedAt, exitCode = state.Terminated.StartedAt.Time, state.Terminated.ExitCode
	case last != nil:
		startedAt, exitCode = last.StartedAt.Time, last.ExitCode
	default:
		return nil, waitingToStart(pod, name, state)
	}
	return logLines(pod, container, startedAt, state.Running == nil || previous, exitCode), nil
}

func logLines(pod *corev1.Pod, container corev1.Container, startedAt time.Time, ended bool, exitCode int32) []logLine {
	var lines []logLine
	add := func(text string) {
		lines = append(lines, logLine{at: startedAt.Add(time.Duration(len(lines)) * time.Millisecond), text: text})
	}
	if text, found := pod.Annotations[logAnnotation]; found {
		for line := range strings.Lines(text) {
			add(strings.TrimSuffix(line, "\n"))
		}
		return lines
	}
	add(fmt.Sprintf("INFO starting %s from %s", container.Name, container.Image))
	add(fmt.Sprintf("INFO configuration loaded, %d environment variables", len(container.Env)))
	b, _, _ := behaviourOf(pod)
	switch {
	case ended && exitCode == 0:
		add("INFO done")
	case ended:
		add("ERROR cannot connect to database: connection refused")
	case b == neverReady:
		add("WARN not ready: waiting for a dependency")
	case len(container.Ports) > 0:
		add(fmt.Sprintf("INFO listening on port %d", container.Ports[0].ContainerPort))
	default:
		add("INFO ready")
	}
	return lines
}

func waitingToStart(pod *corev1.Pod, container string, state corev1.ContainerState) error {
	cause := "no logs yet"
	if state.Waiting != nil {
		cause = state.Waiting.Reason
		switch cause {
		case "ErrImagePull":
			cause = "image can't be pulled"
		case "ImagePullBackOff":
			cause = "trying and failing to pull image"
		}
	}
	return fmt.Errorf("container %q in pod %q is waiting to start: %s", container, pod.Name, cause)
}

func findContainer(pod *corev1.Pod, name string) (corev1.Container, bool) {
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for _, container := range containers {
			if container.Name == name {
				return container, true
			}
		}
	}
	return corev1.Container{}, false
}
