package main

import (
	"context"
	"fmt"
	"net"
	"os"

	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// Requests are written when their answer is complete, so each gives one line.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted, Panic]
rules:
  - level: Metadata
`

// prepareAPIServer returns the function that runs the API server on this listener.
func prepareAPIServer(
	ctx context.Context, folder *folder, listener net.Listener, etcdEndpoint string,
) (func(context.Context) error, error) {
	policy := folder.internal("audit-policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
		return nil, err
	}
	server := options.NewServerRunOptions()
	err := applyFlags(server.Flags(), []string{
		"--etcd-servers=" + etcdEndpoint,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		// Loopback is no valid address for the endpoints of the kubernetes service.
		"--endpoint-reconciler-type=none",
		"--service-cluster-ip-range=10.96.0.0/16",
		"--allow-privileged=true",
		"--tls-cert-file=" + folder.internal("server.crt"),
		"--tls-private-key-file=" + folder.internal("server.key"),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + folder.internal("service-account.key"),
		"--service-account-signing-key-file=" + folder.internal("service-account.key"),
		"--token-auth-file=" + folder.internal("tokens.csv"),
		"--authorization-mode=RBAC",
		"--audit-policy-file=" + policy,
		"--audit-log-path=" + folder.auditLog(),
		"--audit-log-mode=blocking-strict",
		"--audit-log-maxsize=200",
		"--audit-log-maxbackup=1",
	})
	if err != nil {
		return nil, err
	}
	server.SecureServing.Listener = listener
	server.SecureServing.BindPort = listener.Addr().(*net.TCPAddr).Port
	if err := server.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return nil, err
	}
	completed, err := server.Complete(ctx)
	if err != nil {
		return nil, err
	}
	if errs := completed.Validate(); len(errs) != 0 {
		return nil, fmt.Errorf("bad options: %w", utilerrors.NewAggregate(errs))
	}
	return func(ctx context.Context) error { return app.Run(ctx, completed) }, nil
}
