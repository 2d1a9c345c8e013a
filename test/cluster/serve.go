package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/component-base/version"
)

type serveOptions struct {
	dir   string
	port  int
	fresh bool
}

// announcement is the line that tells a parent process where everything is.
type announcement struct {
	Ready      bool   `json:"ready"`
	Server     string `json:"server"`
	Kubeconfig string `json:"kubeconfig"`
	AuditLog   string `json:"auditLog"`
	Version    string `json:"version"`
}

// stopGrace bounds a clean stop: whatever still runs after it is dropped with the process.
const stopGrace = 2 * time.Second

// serve runs the whole cluster until it is told to stop, or until one of its parts ends by itself.
func serve(caller context.Context, options serveOptions, terminal terminal) error {
	// First of all, because a port that is taken must not cost the data of an earlier run.
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", options.port))
	if err != nil {
		return fmt.Errorf("cannot listen on port %d: %w", options.port, err)
	}
	folder, err := openFolder(options.dir, options.fresh)
	if err != nil {
		return err
	}
	defer folder.close()
	if err := captureOutput(folder.clusterLog()); err != nil {
		return fmt.Errorf("cannot write %s: %w", folder.clusterLog(), err)
	}
	handleFatal(caller, terminal.err, folder.clusterLog())
	access, err := writeCredentials(folder, listener.Addr().String())
	if err != nil {
		return fmt.Errorf("cannot write credentials: %w", err)
	}

	if err := serveParts(caller, parts{folder, listener, access}, terminal.out); err != nil {
		return fmt.Errorf("%w (see %s)", err, folder.clusterLog())
	}
	return nil
}

type parts struct {
	folder   *folder
	listener net.Listener
	access   *access
}

func serveParts(caller context.Context, p parts, stdout io.Writer) error {
	etcd, err := startEtcd(p.folder)
	if err != nil {
		return fmt.Errorf("cannot start etcd: %w", err)
	}
	ctx, cancel := context.WithCancel(caller)
	defer cancel()
	group, ctx := errgroup.WithContext(ctx)
	err = startParts(ctx, group, p, etcd.endpoint)
	if err == nil {
		err = announce(p, stdout)
	}
	if err == nil {
		<-ctx.Done()
	}
	cancel()
	failure := waitForEnd(group, etcd)
	switch {
	case caller.Err() != nil:
		return nil
	case failure != nil:
		return failure
	default:
		return err
	}
}

func announce(p parts, stdout io.Writer) error {
	return json.NewEncoder(stdout).Encode(announcement{
		Ready:      true,
		Server:     p.access.server,
		Kubeconfig: p.folder.kubeconfig(),
		AuditLog:   p.folder.auditLog(),
		Version:    version.Get().GitVersion,
	})
}

// startParts starts each part once those that it needs are up, and returns when the cluster is ready.
func startParts(ctx context.Context, group *errgroup.Group, p parts, etcdEndpoint string) error {
	runAPIServer, err := prepareAPIServer(ctx, p.folder, p.listener, etcdEndpoint)
	if err != nil {
		return fmt.Errorf("cannot start the API server: %w", err)
	}
	simulator, err := newSimulator(p.access.simulator)
	if err != nil {
		return fmt.Errorf("cannot start the simulator: %w", err)
	}
	startPart(ctx, group, "the API server", runAPIServer)
	if err := waitForServer(ctx, simulator.client); err != nil {
		return err
	}
	runControllers, err := prepareControllers(ctx, p.folder)
	if err != nil {
		return fmt.Errorf("cannot start the controllers: %w", err)
	}
	startPart(ctx, group, "the controllers", runControllers)
	startPart(ctx, group, "the simulator", simulator.run)
	return waitForCluster(ctx, simulator.client, p.access.certificate)
}

func startPart(ctx context.Context, group *errgroup.Group, name string, run func(context.Context) error) {
	group.Go(func() error {
		err := run(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("%s failed: %w", name, err)
		default:
			return fmt.Errorf("%s stopped unexpectedly", name)
		}
	})
}

// waitForEnd closes etcd last, because everything else still writes while it stops.
func waitForEnd(group *errgroup.Group, etcd *etcdServer) error {
	ended := make(chan error, 1)
	go func() {
		err := group.Wait()
		etcd.close()
		ended <- err
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(stopGrace):
		return nil
	}
}
