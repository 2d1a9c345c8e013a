package main

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/keyutil"
)

// access is how the parts of this process, and its parent, reach the API server.
type access struct {
	server      string
	certificate []byte
	simulator   *rest.Config
}

// Each part has a user of its own, so that the audit log tells them from the tests.
var (
	adminUser      = user{name: "admin", group: "system:masters"}
	viewerUser     = user{name: "viewer"}
	controllerUser = user{name: "system:kube-controller-manager", group: "system:masters"}
	simulatorUser  = user{name: "system:simulator", group: "system:masters"}
)

type user struct{ name, group string }

func writeCredentials(folder *folder, address string) (*access, error) {
	certificate, err := writeServerCertificate(folder.internal("server.crt"), folder.internal("server.key"))
	if err != nil {
		return nil, err
	}
	if err := writeServiceAccountKey(folder.internal("service-account.key")); err != nil {
		return nil, err
	}
	server := "https://" + address
	tokens := map[user]string{}
	var lines strings.Builder
	for _, u := range []user{adminUser, viewerUser, controllerUser, simulatorUser} {
		tokens[u] = newToken()
		fields := []string{tokens[u], u.name, u.name}
		if u.group != "" {
			fields = append(fields, u.group)
		}
		lines.WriteString(strings.Join(fields, ",") + "\n")
	}
	if err := os.WriteFile(folder.internal("tokens.csv"), []byte(lines.String()), 0o600); err != nil {
		return nil, err
	}
	for path, u := range map[string]user{
		folder.kubeconfig():                       adminUser,
		folder.unprivilegedKubeconfig():           viewerUser,
		folder.internal("controllers.kubeconfig"): controllerUser,
	} {
		config := kubeconfig(server, certificate, u.name, tokens[u])
		if err := clientcmd.WriteToFile(*config, path); err != nil {
			return nil, err
		}
	}
	simulator := &rest.Config{
		Host:            server,
		BearerToken:     tokens[simulatorUser],
		TLSClientConfig: rest.TLSClientConfig{CAData: certificate},
		QPS:             -1,
	}
	return &access{server: server, certificate: certificate, simulator: simulator}, nil
}

func kubeconfig(server string, certificate []byte, userName, token string) *clientcmdapi.Config {
	const name = "tenon-test"
	config := clientcmdapi.NewConfig()
	config.Clusters[name] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: certificate}
	config.AuthInfos[userName] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: userName, Namespace: "default"}
	config.CurrentContext = name
	return config
}

// writeServiceAccountKey keeps an existing key: tokens that a kept cluster has stored stay valid.
func writeServiceAccountKey(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	key, err := keyutil.MakeEllipticPrivateKeyPEM()
	if err != nil {
		return err
	}
	return os.WriteFile(path, key, 0o600)
}

func newToken() string {
	bytes := make([]byte, 24)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}
