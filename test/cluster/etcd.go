package main

import (
	"errors"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

type etcdServer struct {
	server   *embed.Etcd
	endpoint string
}

func startEtcd(folder *folder) (*etcdServer, error) {
	// Free ports on loopback; nobody else may depend on the well-known ones.
	anyPort := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	config := embed.NewConfig()
	config.Dir = folder.etcd()
	config.ListenClientUrls, config.AdvertiseClientUrls = anyPort, anyPort
	config.ListenPeerUrls, config.AdvertisePeerUrls = anyPort, anyPort
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.EnableGRPCGateway = false
	// Left at zero it counts each request as a slow one.
	config.WarningUnaryRequestDuration = time.Second
	config.LogLevel = "warn"
	config.LogOutputs = []string{folder.clusterLog()}

	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-server.Server.ReadyNotify():
		return &etcdServer{server, "http://" + server.Clients[0].Addr().String()}, nil
	case err := <-server.Err():
		return nil, err
	case <-time.After(startTimeout):
		server.Close()
		return nil, errors.New("it did not become ready in time")
	}
}

// close does not wait for clients to hang up: the API server keeps its connections until the process ends.
func (e *etcdServer) close() { e.server.Server.HardStop() }
