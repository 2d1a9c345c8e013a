package main

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

const (
	simulateAnnotation = "cluster.tenon.dev/simulate"
	logAnnotation      = "cluster.tenon.dev/log"
)

// behaviour is how the containers of a pod fare.
type behaviour string

const (
	healthy        behaviour = ""
	imagePullError behaviour = "image-pull-error"
	crashLoop      behaviour = "crash-loop"
	neverReady     behaviour = "never-ready"
	fail           behaviour = "fail"
	unschedulable  behaviour = "unschedulable"
)

const slowPrefix = "slow:"

// behaviourOf reads the annotation: a behaviour, and how long a healthy pod takes to get ready.
func behaviourOf(pod *corev1.Pod) (behaviour, time.Duration, error) {
	value := pod.Annotations[simulateAnnotation]
	switch b := behaviour(value); b {
	case healthy, imagePullError, crashLoop, neverReady, fail, unschedulable:
		return b, 0, nil
	}
	if text, found := strings.CutPrefix(value, slowPrefix); found {
		delay, err := time.ParseDuration(text)
		if err == nil && delay >= 0 {
			return healthy, delay, nil
		}
	}
	return healthy, 0, fmt.Errorf("annotation %s has the unknown value %q", simulateAnnotation, value)
}
