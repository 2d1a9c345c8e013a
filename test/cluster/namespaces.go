package main

import (
	"context"
	"errors"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

const emptyInterval = 200 * time.Millisecond

// syncNamespace removes what ends slowly from a namespace that is being deleted, before the namespace
// controller gets there: it would wait for half the grace period of each pod, and seconds more for claims.
func (s *simulator) syncNamespace(ctx context.Context, _, name string) (time.Duration, error) {
	namespace, err := s.namespaces.Get(name)
	if err != nil {
		return 0, ignoreNotFound(err)
	}
	if namespace.DeletionTimestamp == nil {
		return 0, nil
	}
	pods, _ := s.pods.Pods(name).List(labels.Everything())
	claims, _ := s.claims.PersistentVolumeClaims(name).List(labels.Everything())
	if len(pods) == 0 && len(claims) == 0 {
		return 0, nil
	}
	var errs []error
	for _, pod := range pods {
		if pod.DeletionTimestamp == nil {
			errs = append(errs, s.deleteNow(ctx, pod))
		}
	}
	for _, claim := range claims {
		if claim.DeletionTimestamp == nil {
			errs = append(errs, ignoreNotFound(
				s.client.CoreV1().PersistentVolumeClaims(name).Delete(ctx, claim.Name, metav1.DeleteOptions{})))
		}
	}
	return emptyInterval, errors.Join(errs...)
}

func (s *simulator) deleteNow(ctx context.Context, pod *corev1.Pod) error {
	var now int64
	return ignoreNotFound(s.client.CoreV1().Pods(pod.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      metav1.NewUIDPreconditions(string(pod.UID)),
	}))
}
