package main

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

func TestContainerLog(t *testing.T) {
	for _, test := range []struct {
		simulate string
		previous bool
		want     string
	}{
		{"", false, "INFO ready"},
		{"crash-loop", false, "ERROR cannot connect to database: connection refused"},
		{"crash-loop", true, "ERROR cannot connect to database: connection refused"},
		{"", true, `previous terminated container "app" in pod "web" not found`},
		{"image-pull-error", false, `container "app" in pod "web" is waiting to start: trying and failing to pull image`},
	} {
		pod := liveUntil(testPod(test.simulate, corev1.RestartPolicyAlways), time.Second)
		lines, err := containerLog(pod, "app", test.previous)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = lines[len(lines)-1].text
		}
		if got != test.want {
			t.Errorf("%q, previous %t: got %q, want %q", test.simulate, test.previous, got, test.want)
		}
	}
}

func TestContainerLogText(t *testing.T) {
	pod := testPod("", corev1.RestartPolicyAlways)
	pod.Annotations = map[string]string{logAnnotation: "one\ntwo\n"}
	lines, err := containerLog(liveUntil(pod, time.Second), "app", false)
	var texts []string
	for _, line := range lastLines(lines, "5") {
		texts = append(texts, line.text)
	}
	if err != nil || strings.Join(texts, "|") != "one|two" {
		t.Errorf("got %q, %v", texts, err)
	}
	if tail := lastLines(lines, "1"); len(tail) != 1 || tail[0].text != "two" {
		t.Errorf("tail: %v", tail)
	}
}
