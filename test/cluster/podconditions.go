package main

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// podConditionsAt updates the conditions that belong to the kubelet and keeps all others.
func podConditionsAt(
	pod *corev1.Pod, at moment, containers []corev1.ContainerStatus, now time.Time,
) []corev1.PodCondition {
	conditions := make([]corev1.PodCondition, len(pod.Status.Conditions))
	copy(conditions, pod.Status.Conditions)
	containersReady := containersReadyCondition(at, containers)
	for _, condition := range []corev1.PodCondition{
		{Type: corev1.PodScheduled, Status: corev1.ConditionTrue},
		{Type: corev1.PodReadyToStartContainers, Status: conditionStatus(at.state != creating && at.state != terminated)},
		initializedCondition(pod, at),
		containersReady,
		readyCondition(pod, containersReady),
	} {
		condition.ObservedGeneration = pod.Generation
		conditions = setCondition(conditions, condition, now)
	}
	return conditions
}

func initializedCondition(pod *corev1.Pod, at moment) corev1.PodCondition {
	condition := corev1.PodCondition{Type: corev1.PodInitialized, Status: corev1.ConditionTrue}
	var waiting []string
	for _, container := range pod.Spec.InitContainers {
		waiting = append(waiting, container.Name)
	}
	switch {
	case at.state == creating && len(waiting) > 0:
		condition.Status = corev1.ConditionFalse
		condition.Reason = "ContainersNotInitialized"
		condition.Message = fmt.Sprintf("containers with incomplete status: %s", waiting)
	case at.state == terminated && at.exitCode == 0:
		condition.Reason = "PodCompleted"
	}
	return condition
}

func containersReadyCondition(at moment, containers []corev1.ContainerStatus) corev1.PodCondition {
	condition := corev1.PodCondition{Type: corev1.ContainersReady, Status: corev1.ConditionTrue}
	var unready []string
	for _, container := range containers {
		if !container.Ready {
			unready = append(unready, container.Name)
		}
	}
	if len(unready) == 0 {
		return condition
	}
	condition.Status = corev1.ConditionFalse
	switch {
	case at.state == terminated && at.exitCode == 0:
		condition.Reason = "PodCompleted"
	case at.state == terminated:
		condition.Reason = "PodFailed"
	default:
		condition.Reason = "ContainersNotReady"
		condition.Message = fmt.Sprintf("containers with unready status: %s", unready)
	}
	return condition
}

// readyCondition also asks the gates, which somebody else opens.
func readyCondition(pod *corev1.Pod, containersReady corev1.PodCondition) corev1.PodCondition {
	condition := containersReady
	condition.Type = corev1.PodReady
	if condition.Status != corev1.ConditionTrue {
		return condition
	}
	for _, gate := range pod.Spec.ReadinessGates {
		if !hasCondition(pod.Status.Conditions, gate.ConditionType) {
			condition.Status = corev1.ConditionFalse
			condition.Reason = "ReadinessGatesNotReady"
			condition.Message = fmt.Sprintf("condition %q of readiness gate is not true", gate.ConditionType)
		}
	}
	return condition
}

func hasCondition(conditions []corev1.PodCondition, name corev1.PodConditionType) bool {
	for _, condition := range conditions {
		if condition.Type == name {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

// setCondition moves the transition time only when the status changes.
func setCondition(conditions []corev1.PodCondition, condition corev1.PodCondition, now time.Time) []corev1.PodCondition {
	condition.LastTransitionTime = metav1.Time{Time: now}
	for i, old := range conditions {
		if old.Type != condition.Type {
			continue
		}
		if old.Status == condition.Status {
			condition.LastTransitionTime = old.LastTransitionTime
		}
		conditions[i] = condition
		return conditions
	}
	return append(conditions, condition)
}

func conditionStatus(value bool) corev1.ConditionStatus {
	if value {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}
