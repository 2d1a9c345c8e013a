package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/record"
)

// syncPod brings a pod to the state that it should be in by now.
func (s *simulator) syncPod(ctx context.Context, namespace, name string) (time.Duration, error) {
	pod, err := s.pods.Pods(namespace).Get(name)
	if apierrors.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	switch {
	case pod.Spec.NodeName == "":
		return 0, s.schedule(ctx, pod)
	case pod.Spec.NodeName != nodeName:
		return 0, nil
	case pod.DeletionTimestamp != nil:
		return 0, s.stopPod(ctx, pod)
	case hasEnded(pod):
		return 0, nil
	default:
		return s.advancePod(ctx, pod)
	}
}

func (s *simulator) advancePod(ctx context.Context, pod *corev1.Pod) (time.Duration, error) {
	now := time.Now()
	at := momentOf(pod, s.ageOnNode(pod.UID, now))
	status := podStatusAt(pod, at, s.addresses.take(pod.UID), now)
	if equality.Semantic.DeepEqual(status, pod.Status) {
		return at.next, nil
	}
	events := podEventsAt(pod, at, status)
	updated := pod.DeepCopy()
	updated.Status = status
	if _, err := s.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, updated, metav1.UpdateOptions{}); err != nil {
		return 0, ignoreNotFound(err)
	}
	for _, event := range events {
		report(s.kubeletEvents, pod, event)
	}
	return at.next, nil
}

// stopPod ends a pod that is being deleted at once; its grace period is an upper bound.
func (s *simulator) stopPod(ctx context.Context, pod *corev1.Pod) error {
	// Whoever put a finalizer on the pod waits for it to end, as the job controller does.
	if len(pod.Finalizers) > 0 && !hasEnded(pod) {
		updated := pod.DeepCopy()
		updated.Status = podStatusAt(pod, moment{state: terminated, exitCode: 143}, pod.Status.PodIP, time.Now())
		_, err := s.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, updated, metav1.UpdateOptions{})
		return ignoreNotFound(err)
	}
	if pod.DeletionGracePeriodSeconds != nil && *pod.DeletionGracePeriodSeconds == 0 {
		return nil
	}
	return s.deleteNow(ctx, pod)
}

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func report(recorder record.EventRecorder, pod *corev1.Pod, event podEvent) {
	subject := &corev1.ObjectReference{
		APIVersion:      "v1",
		Kind:            "Pod",
		Namespace:       pod.Namespace,
		Name:            pod.Name,
		UID:             pod.UID,
		ResourceVersion: pod.ResourceVersion,
	}
	if event.container != "" {
		subject.FieldPath = fmt.Sprintf("spec.containers{%s}", event.container)
	}
	recorder.Event(subject, event.kind, event.reason, event.message)
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
