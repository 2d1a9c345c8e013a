package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
)

// startKubelet serves container logs, the one part of a kubelet's API that is simulated, and returns its port.
func (s *simulator) startKubelet(ctx context.Context) (int, error) {
	config, err := newTLSConfig()
	if err != nil {
		return 0, err
	}
	listener, err := net.Listen("tcp", nodeAddress+":0")
	if err != nil {
		return 0, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", s.serveContainerLog)
	routes.HandleFunc("/", func(answer http.ResponseWriter, request *http.Request) {
		http.Error(answer, "the simulated kubelet serves container logs only", http.StatusNotImplemented)
	})
	server := &http.Server{Handler: routes, TLSConfig: config, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
			klog.ErrorS(err, "The simulated kubelet stopped")
		}
	}()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (s *simulator) serveContainerLog(answer http.ResponseWriter, request *http.Request) {
	namespace, name := request.PathValue("namespace"), request.PathValue("pod")
	pod, err := s.pods.Pods(namespace).Get(name)
	if err != nil {
		http.Error(answer, fmt.Sprintf("pod %q does not exist", name), http.StatusNotFound)
		return
	}
	query := request.URL.Query()
	lines, err := containerLog(pod, request.PathValue("container"), query.Get("previous") == "true")
	if err != nil {
		http.Error(answer, err.Error(), http.StatusBadRequest)
		return
	}
	lines = lastLines(lines, query.Get("tailLines"))
	answer.Header().Set("Content-Type", "text/plain")
	for _, line := range lines {
		text := line.text
		if query.Get("timestamps") == "true" {
			text = line.at.UTC().Format(time.RFC3339Nano) + " " + text
		}
		_, _ = io.WriteString(answer, text+"\n")
	}
	if query.Get("follow") == "true" {
		s.holdOpen(request.Context(), answer, pod)
	}
}

// holdOpen keeps a followed log open for as long as its pod runs.
func (s *simulator) holdOpen(ctx context.Context, answer http.ResponseWriter, pod *corev1.Pod) {
	_ = http.NewResponseController(answer).Flush()
	for {
		current, err := s.pods.Pods(pod.Namespace).Get(pod.Name)
		if err != nil || current.UID != pod.UID || current.Status.Phase != corev1.PodRunning {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func lastLines(lines []logLine, tail string) []logLine {
	count, err := strconv.Atoi(strings.TrimSpace(tail))
	if err != nil || count < 0 || count >= len(lines) {
		return lines
	}
	return lines[len(lines)-count:]
}
