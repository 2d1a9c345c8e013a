package main

import (
	"context"

	"k8s.io/kubernetes/cmd/kube-controller-manager/app"
	"k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
)

// prepareControllers returns the function that runs all default controllers.
func prepareControllers(ctx context.Context, folder *folder) (func(context.Context) error, error) {
	manager, err := options.NewKubeControllerManagerOptions()
	if err != nil {
		return nil, err
	}
	known, disabled, aliases := app.KnownControllers(), app.ControllersDisabledByDefault(), app.ControllerAliases()
	flags := manager.Flags(known, disabled, aliases)
	manager.ParsedFlags = &flags
	err = applyFlags(flags, []string{
		"--kubeconfig=" + folder.internal("controllers.kubeconfig"),
		"--service-account-private-key-file=" + folder.internal("service-account.key"),
		"--root-ca-file=" + folder.internal("server.crt"),
		"--leader-elect=false",
		"--secure-port=0",
		// The defaults protect a shared server; here they would only slow down rollouts and deletions.
		"--kube-api-qps=1000",
		"--kube-api-burst=2000",
	})
	if err != nil {
		return nil, err
	}
	config, err := manager.Config(ctx, known, disabled, aliases)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error { return app.Run(ctx, config.Complete()) }, nil
}
