package main

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestWantsNode(t *testing.T) {
	pod := testPod("", corev1.RestartPolicyAlways)
	if !wantsNode(pod, nodeName) {
		t.Error("a pod without affinity runs anywhere")
	}
	for node, want := range map[string]bool{nodeName: true, "other": false} {
		pod.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{
			RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{
					MatchFields: []corev1.NodeSelectorRequirement{{
						Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{node},
					}},
				}},
			},
		}}
		if got := wantsNode(pod, nodeName); got != want {
			t.Errorf("pod for %s: got %t", node, got)
		}
	}
}

func TestClaimNames(t *testing.T) {
	pod := testPod("", corev1.RestartPolicyAlways)
	pod.Spec.Volumes = []corev1.Volume{
		{Name: "a", VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "files"}}},
		{Name: "b", VolumeSource: corev1.VolumeSource{Ephemeral: &corev1.EphemeralVolumeSource{}}},
		{Name: "c", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}},
	}
	got := claimNames(pod)
	if len(got) != 2 || got[0] != "files" || got[1] != "web-b" {
		t.Errorf("got %v", got)
	}
}
