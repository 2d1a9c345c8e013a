package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
	"k8s.io/klog/v2"
)

// terminal is what the parent process sees. Nothing but this program's own lines may get there.
type terminal struct {
	in       io.Reader
	out, err io.Writer
}

// openTerminal keeps handles of its own, because captureOutput takes the usual ones away.
func openTerminal() (terminal, error) {
	out, err := unix.Dup(unix.Stdout)
	if err != nil {
		return terminal{err: os.Stderr}, err
	}
	diagnostics, err := unix.Dup(unix.Stderr)
	if err != nil {
		return terminal{err: os.Stderr}, err
	}
	return terminal{os.Stdin, os.NewFile(uintptr(out), "stdout"), os.NewFile(uintptr(diagnostics), "stderr")}, nil
}

// captureOutput sends what the parts of the control plane print to a file, crashes included.
func captureOutput(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	for _, target := range []int{unix.Stdout, unix.Stderr} {
		if err := unix.Dup2(int(file.Fd()), target); err != nil {
			return err
		}
	}
	return nil
}

// handleFatal decides what happens when a part wants to end the process. While the cluster
// stops, parts give up because others are gone already, and that is no failure.
func handleFatal(caller context.Context, diagnostics io.Writer, log string) {
	klog.OsExit = func(int) {
		if caller.Err() != nil {
			select {}
		}
		fmt.Fprintf(diagnostics, "tenon-test-cluster: a part of the control plane gave up (see %s)\n", log)
		os.Exit(1)
	}
}
