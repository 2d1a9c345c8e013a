package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// schedule binds a pod to the node, or says why it has to wait.
func (s *simulator) schedule(ctx context.Context, pod *corev1.Pod) error {
	if pod.DeletionTimestamp != nil || len(pod.Spec.SchedulingGates) > 0 || hasEnded(pod) {
		return nil
	}
	if reason := s.reasonToWait(pod); reason != "" {
		return s.markUnschedulable(ctx, pod, reason)
	}
	binding := &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
	}
	if err := s.client.CoreV1().Pods(pod.Namespace).Bind(ctx, binding, metav1.CreateOptions{}); err != nil {
		return ignoreNotFound(err)
	}
	report(s.schedulerEvents, pod, podEvent{
		kind: corev1.EventTypeNormal, reason: "Scheduled",
		message: fmt.Sprintf("Successfully assigned %s/%s to %s", pod.Namespace, pod.Name, nodeName),
	})
	return nil
}

func (s *simulator) reasonToWait(pod *corev1.Pod) string {
	b, _, err := behaviourOf(pod)
	switch {
	case err != nil:
		return err.Error()
	case b == unschedulable:
		return "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
	case !wantsNode(pod, nodeName):
		return "0/1 nodes are available: 1 node(s) didn't satisfy plugin(s) [NodeAffinity]."
	}
	for _, name := range claimNames(pod) {
		claim, err := s.claims.PersistentVolumeClaims(pod.Namespace).Get(name)
		if err != nil {
			return fmt.Sprintf("0/1 nodes are available: persistentvolumeclaim %q not found.", name)
		}
		if claim.Status.Phase != corev1.ClaimBound {
			return "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."
		}
	}
	return ""
}

// wantsNode follows the affinity by which a daemon set says which node a pod is for. Nothing else is asked.
func wantsNode(pod *corev1.Pod, node string) bool {
	affinity := pod.Spec.Affinity
	if affinity == nil || affinity.NodeAffinity == nil ||
		affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return true
	}
	named := false
	for _, term := range affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, field := range term.MatchFields {
			if field.Key != metav1.ObjectNameField || field.Operator != corev1.NodeSelectorOpIn {
				continue
			}
			named = true
			if slices.Contains(field.Values, node) {
				return true
			}
		}
	}
	return !named
}

func claimNames(pod *corev1.Pod) []string {
	var names []string
	for _, volume := range pod.Spec.Volumes {
		switch {
		case volume.PersistentVolumeClaim != nil:
			names = append(names, volume.PersistentVolumeClaim.ClaimName)
		case volume.Ephemeral != nil:
			names = append(names, pod.Name+"-"+volume.Name)
		}
	}
	return names
}

func (s *simulator) markUnschedulable(ctx context.Context, pod *corev1.Pod, reason string) error {
	updated := pod.DeepCopy()
	updated.Status.Conditions = setCondition(updated.Status.Conditions, corev1.PodCondition{
		Type:               corev1.PodScheduled,
		Status:             corev1.ConditionFalse,
		ObservedGeneration: pod.Generation,
		Reason:             corev1.PodReasonUnschedulable,
		Message:            reason,
	}, time.Now())
	if equality.Semantic.DeepEqual(updated.Status, pod.Status) {
		return nil
	}
	if _, err := s.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, updated, metav1.UpdateOptions{}); err != nil {
		return ignoreNotFound(err)
	}
	report(s.schedulerEvents, pod, podEvent{
		kind: corev1.EventTypeWarning, reason: "FailedScheduling", message: reason,
	})
	return nil
}

// whenClaimChanges looks again at the pods that may wait for a claim.
func (s *simulator) whenClaimChanges(pods *worker) cache.ResourceEventHandler {
	retry := func(object any) {
		claim, ok := object.(*corev1.PersistentVolumeClaim)
		if !ok {
			return
		}
		waiting, _ := s.pods.Pods(claim.Namespace).List(labels.Everything())
		for _, pod := range waiting {
			if pod.Spec.NodeName == "" {
				pods.add(pod)
			}
		}
	}
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    retry,
		UpdateFunc: func(_, object any) { retry(object) },
	}
}
