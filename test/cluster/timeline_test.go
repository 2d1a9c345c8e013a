package main

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestMomentOf(t *testing.T) {
	const always, onFailure, never = corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever
	for _, test := range []struct {
		simulate string
		policy   corev1.RestartPolicy
		age      time.Duration
		want     moment
	}{
		{"", always, 0, moment{state: creating, next: startAfter}},
		{"", always, startAfter, moment{state: running, ready: true}},
		{"slow:2s", always, startAfter + time.Second, moment{state: running, next: time.Second}},
		{"slow:2s", always, startAfter + 2*time.Second, moment{state: running, ready: true}},
		{"", never, startAfter, moment{state: running, ready: true, next: runFor}},
		{"", onFailure, startAfter + runFor, moment{state: terminated}},
		{"slow:2s", never, startAfter + runFor, moment{state: running, ready: true, next: 2 * time.Second}},
		{"fail", never, startAfter + runFor, moment{state: terminated, exitCode: 1}},
		{"fail", onFailure, startAfter + runFor, moment{state: terminated, exitCode: 1}},
		{"crash-loop", never, startAfter + runFor, moment{state: terminated, exitCode: 1}},
		{"never-ready", always, time.Hour, moment{state: running}},
		{"never-ready", never, time.Hour, moment{state: running}},
		{"image-pull-error", always, startAfter, moment{state: pullFailed, next: runFor}},
		{"image-pull-error", always, time.Hour, moment{state: pullBackOff}},
		{"crash-loop", always, startAfter, moment{state: running, next: runFor}},
		{"crash-loop", always, startAfter + runFor, moment{state: running, restarts: 1, next: runFor}},
		{"crash-loop", onFailure, startAfter + 2*runFor,
			moment{state: crashBackOff, restarts: 1, backOff: 10 * time.Second, next: 10 * time.Second}},
		{"fail", always, startAfter + 3*runFor + 10*time.Second,
			moment{state: crashBackOff, restarts: 2, backOff: 20 * time.Second, next: 20 * time.Second}},
	} {
		if got := momentOf(testPod(test.simulate, test.policy), test.age); got != test.want {
			t.Errorf("%q with %s at %s: got %+v, want %+v", test.simulate, test.policy, test.age, got, test.want)
		}
	}
}

func TestBackOffIsBounded(t *testing.T) {
	at := momentOf(testPod("crash-loop", corev1.RestartPolicyAlways), 24*time.Hour)
	if at.backOff > maxBackOff || at.restarts < 250 {
		t.Errorf("after a day: %+v", at)
	}
}
