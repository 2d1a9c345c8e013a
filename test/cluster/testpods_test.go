package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var testNow = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func testPod(simulate string, policy corev1.RestartPolicy) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "demo", Name: "web", UID: "u1", Generation: 3},
		Spec: corev1.PodSpec{
			RestartPolicy: policy,
			Containers:    []corev1.Container{{Name: "app", Image: "example.com/app:1"}},
		},
	}
	if simulate != "" {
		pod.Annotations = map[string]string{simulateAnnotation: simulate}
	}
	return pod
}

// liveUntil applies each status of the pod's life up to this age, as the simulator would.
func liveUntil(pod *corev1.Pod, age time.Duration) *corev1.Pod {
	for elapsed := time.Duration(0); ; {
		at := momentOf(pod, elapsed)
		pod.Status = podStatusAt(pod, at, "10.244.0.1", testNow.Add(elapsed))
		if at.next == 0 || elapsed+at.next > age {
			return pod
		}
		elapsed += at.next
	}
}
