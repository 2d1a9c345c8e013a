package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

const startTimeout = 2 * time.Minute

// waitForServer returns when the API server says that it is ready.
func waitForServer(ctx context.Context, client kubernetes.Interface) error {
	return poll(ctx, "the API server", func(ctx context.Context) error {
		return client.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
	})
}

// waitForCluster returns when pods can be created and would run.
func waitForCluster(ctx context.Context, client kubernetes.Interface, certificate []byte) error {
	// The certificate is new in each run, so only controllers of this run can have published it.
	err := poll(ctx, "the controllers", func(ctx context.Context) error {
		published, err := client.CoreV1().ConfigMaps("default").Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
		if err == nil && published.Data["ca.crt"] != string(certificate) {
			err = errors.New("they have not published the certificate")
		}
		return err
	})
	if err != nil {
		return err
	}
	err = poll(ctx, "the default service account", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts("default").Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	if err != nil {
		return err
	}
	err = poll(ctx, "the default storage class", func(ctx context.Context) error {
		_, err := client.StorageV1().StorageClasses().Get(ctx, storageClassName, metav1.GetOptions{})
		return err
	})
	if err != nil {
		return err
	}
	return poll(ctx, "the node", func(ctx context.Context) error {
		node, err := client.CoreV1().Nodes().Get(ctx, nodeName, metav1.GetOptions{})
		if err != nil {
			return err
		}
		return checkNode(node)
	})
}

// checkNode also waits for the taint that admission puts on each new node.
func checkNode(node *corev1.Node) error {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady && condition.Status != corev1.ConditionTrue {
			return errors.New("it is not ready")
		}
	}
	if len(node.Spec.Taints) > 0 {
		return fmt.Errorf("it still has the taint %s", node.Spec.Taints[0].Key)
	}
	return nil
}

func poll(ctx context.Context, name string, check func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, startTimeout, true,
		func(ctx context.Context) (bool, error) {
			last = check(ctx)
			return last == nil, nil
		})
	if err != nil {
		return fmt.Errorf("cannot wait for %s: %w", name, errors.Join(err, last))
	}
	return nil
}
