package main

import (
	"context"
	"runtime"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/version"
	"k8s.io/klog/v2"
)

const (
	nodeName      = "sim-node"
	nodeAddress   = "127.0.0.1"
	renewInterval = 10 * time.Second
)

var leaseSeconds int32 = 40

// simulatedNode is ready and has room for everything.
func simulatedNode(kubeletPort int) *corev1.Node {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("1000"),
		corev1.ResourceMemory:           resource.MustParse("10Ti"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Ti"),
		corev1.ResourcePods:             resource.MustParse("10000"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: nodeName,
			Labels: map[string]string{
				corev1.LabelHostname:   nodeName,
				corev1.LabelOSStable:   "linux",
				corev1.LabelArchStable: runtime.GOARCH,
			},
		},
		Status: corev1.NodeStatus{
			Capacity:    capacity,
			Allocatable: capacity,
			Conditions:  nodeConditions(time.Now()),
			// A host name would come first for the API server, and nothing resolves it.
			Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: nodeAddress}},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{
				KubeletEndpoint: corev1.DaemonEndpoint{Port: int32(kubeletPort)},
			},
			NodeInfo: corev1.NodeSystemInfo{
				KubeletVersion:          version.Get().GitVersion,
				ContainerRuntimeVersion: "simulated://1.0.0",
				OSImage:                 "simulated",
				OperatingSystem:         "linux",
				Architecture:            runtime.GOARCH,
			},
		},
	}
}

func nodeConditions(now time.Time) []corev1.NodeCondition {
	var conditions []corev1.NodeCondition
	add := func(name corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) {
		conditions = append(conditions, corev1.NodeCondition{
			Type: name, Status: status, Reason: reason, Message: message,
			LastHeartbeatTime: metav1.Time{Time: now}, LastTransitionTime: metav1.Time{Time: now},
		})
	}
	add(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
	add(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure")
	add(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available")
	add(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status")
	return conditions
}

// registerNode creates the node, or takes over the one of an earlier run.
func (s *simulator) registerNode(ctx context.Context, node *corev1.Node) error {
	_, err := s.client.CoreV1().Nodes().Create(ctx, node, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		err = s.postNodeStatus(ctx, node)
	}
	if err != nil {
		return err
	}
	return s.renewLease(ctx)
}

// keepNodeReady does what keeps the node lifecycle controller from giving the node up.
func (s *simulator) keepNodeReady(ctx context.Context, node *corev1.Node) {
	ticker := time.NewTicker(renewInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.renewLease(ctx)
		if err == nil {
			err = s.recoverNode(ctx, node)
		}
		if err != nil && ctx.Err() == nil {
			klog.ErrorS(err, "Heartbeat failed", "node", nodeName)
		}
	}
}

// recoverNode posts the status again when the node was given up, as happens after the machine slept.
func (s *simulator) recoverNode(ctx context.Context, node *corev1.Node) error {
	stored, err := s.client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{ResourceVersion: "0"})
	if apierrors.IsNotFound(err) {
		return s.registerNode(ctx, node)
	}
	if err != nil {
		return err
	}
	for _, condition := range stored.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return s.postNodeStatus(ctx, node)
		}
	}
	return nil
}

func (s *simulator) postNodeStatus(ctx context.Context, node *corev1.Node) error {
	stored, err := s.client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
	if err != nil {
		return err
	}
	stored.Status = *node.Status.DeepCopy()
	stored.Status.Conditions = nodeConditions(time.Now())
	_, err = s.client.CoreV1().Nodes().UpdateStatus(ctx, stored, metav1.UpdateOptions{})
	return err
}

func (s *simulator) renewLease(ctx context.Context) error {
	leases := s.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	holder, now := nodeName, metav1.NowMicro()
	spec := coordinationv1.LeaseSpec{HolderIdentity: &holder, LeaseDurationSeconds: &leaseSeconds, RenewTime: &now}
	lease, err := leases.Get(ctx, nodeName, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		lease = &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: nodeName}, Spec: spec}
		_, err = leases.Create(ctx, lease, metav1.CreateOptions{})
		return err
	}
	if err != nil {
		return err
	}
	lease.Spec = spec
	_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	return err
}
