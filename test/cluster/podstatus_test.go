package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

func TestPodStatusAt(t *testing.T) {
	const always, never = corev1.RestartPolicyAlways, corev1.RestartPolicyNever
	for _, test := range []struct {
		simulate string
		policy   corev1.RestartPolicy
		age      time.Duration
		want     string
	}{
		{"", always, 0, "Pending ContainerCreating restarts=0 Ready=False/ContainersNotReady"},
		{"", always, time.Second, "Running Running restarts=0 Ready=True/"},
		{"", never, time.Second, "Succeeded exit 0 restarts=0 Ready=False/PodCompleted"},
		{"fail", never, time.Second, "Failed exit 1 restarts=0 Ready=False/PodFailed"},
		{"never-ready", always, time.Second, "Running Running restarts=0 Ready=False/ContainersNotReady"},
		{"slow:1h", always, time.Second, "Running Running restarts=0 Ready=False/ContainersNotReady"},
		{"image-pull-error", always, time.Second, "Pending ImagePullBackOff restarts=0 Ready=False/ContainersNotReady"},
		{"crash-loop", always, time.Second, "Running CrashLoopBackOff restarts=1 last=1 Ready=False/ContainersNotReady"},
		{"crash-loop", always, 12 * time.Second, "Running CrashLoopBackOff restarts=2 last=1 Ready=False/ContainersNotReady"},
	} {
		pod := liveUntil(testPod(test.simulate, test.policy), test.age)
		if got := summary(pod.Status); got != test.want {
			t.Errorf("%q with %s at %s:\n got %s\nwant %s", test.simulate, test.policy, test.age, got, test.want)
		}
	}
}

func TestPodStatusSettles(t *testing.T) {
	for _, simulate := range []string{"", "image-pull-error", "crash-loop", "never-ready", "fail"} {
		pod := liveUntil(testPod(simulate, corev1.RestartPolicyAlways), 2*time.Second)
		later := podStatusAt(pod, momentOf(pod, 3*time.Second), "10.244.0.1", testNow.Add(time.Hour))
		if !equality.Semantic.DeepEqual(later, pod.Status) {
			t.Errorf("%q: the status changes without a reason", simulate)
		}
	}
}

func TestHealedPodKeepsItsRestarts(t *testing.T) {
	pod := liveUntil(testPod("crash-loop", corev1.RestartPolicyAlways), time.Second)
	pod.Annotations = nil
	pod.Status = podStatusAt(pod, momentOf(pod, 2*time.Second), "10.244.0.1", testNow)
	want := "Running Running restarts=1 last=1 Ready=True/"
	if got := summary(pod.Status); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestReadinessGate(t *testing.T) {
	pod := testPod("", corev1.RestartPolicyAlways)
	pod.Spec.ReadinessGates = []corev1.PodReadinessGate{{ConditionType: "example.com/open"}}
	liveUntil(pod, time.Second)
	if got := summary(pod.Status); !strings.HasSuffix(got, "Ready=False/ReadinessGatesNotReady") {
		t.Errorf("closed gate: %s", got)
	}
	pod.Status.Conditions = append(pod.Status.Conditions,
		corev1.PodCondition{Type: "example.com/open", Status: corev1.ConditionTrue})
	liveUntil(pod, time.Second)
	if got := summary(pod.Status); !strings.HasSuffix(got, "Ready=True/") {
		t.Errorf("open gate: %s", got)
	}
}

func TestInitContainersAndSidecars(t *testing.T) {
	sidecar := corev1.ContainerRestartPolicyAlways
	pod := testPod("", corev1.RestartPolicyAlways)
	pod.Spec.InitContainers = []corev1.Container{{Name: "prepare"}, {Name: "proxy", RestartPolicy: &sidecar}}
	liveUntil(pod, time.Second)
	states := pod.Status.InitContainerStatuses
	if states[0].State.Terminated == nil || states[0].State.Terminated.ExitCode != 0 || states[1].State.Running == nil {
		t.Errorf("got %+v", states)
	}
}

func TestPodEventsAt(t *testing.T) {
	for simulate, want := range map[string]string{
		"":                 "Pulled Created Started",
		"never-ready":      "Pulled Created Started Unhealthy",
		"image-pull-error": "Pulling Failed Failed BackOff Failed",
		"crash-loop":       "Pulled Created Started Pulled Created Started BackOff",
	} {
		pod := testPod(simulate, corev1.RestartPolicyAlways)
		var reasons []string
		for age := time.Duration(0); age < 2*time.Second; age += 50 * time.Millisecond {
			at := momentOf(pod, age)
			status := podStatusAt(pod, at, "10.244.0.1", testNow)
			for _, event := range podEventsAt(pod, at, status) {
				reasons = append(reasons, event.reason)
			}
			pod.Status = status
		}
		if got := strings.Join(reasons, " "); got != want {
			t.Errorf("%q: got %s, want %s", simulate, got, want)
		}
	}
}

func summary(status corev1.PodStatus) string {
	container := status.ContainerStatuses[0]
	state := stateName(container.State)
	if ended := container.State.Terminated; ended != nil {
		state = fmt.Sprintf("exit %d", ended.ExitCode)
	}
	text := fmt.Sprintf("%s %s restarts=%d", status.Phase, state, container.RestartCount)
	if last := container.LastTerminationState.Terminated; last != nil {
		text += fmt.Sprintf(" last=%d", last.ExitCode)
	}
	for _, condition := range status.Conditions {
		if condition.Type == corev1.PodReady {
			text += fmt.Sprintf(" Ready=%s/%s", condition.Status, condition.Reason)
		}
	}
	return text
}
