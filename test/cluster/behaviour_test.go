package main

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestBehaviourOf(t *testing.T) {
	for _, test := range []struct {
		value string
		want  behaviour
		delay time.Duration
		fails bool
	}{
		{value: "", want: healthy},
		{value: "crash-loop", want: crashLoop},
		{value: "unschedulable", want: unschedulable},
		{value: "slow:1m30s", want: healthy, delay: 90 * time.Second},
		{value: "slow:soon", fails: true},
		{value: "slow:-1s", fails: true},
		{value: "crashloop", fails: true},
	} {
		got, delay, err := behaviourOf(testPod(test.value, corev1.RestartPolicyAlways))
		if got != test.want || delay != test.delay || (err != nil) != test.fails {
			t.Errorf("behaviourOf(%q) = %q, %s, %v", test.value, got, delay, err)
		}
	}
}
