package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// folder is where one cluster keeps its files. A lock makes it belong to one process at a time.
type folder struct {
	path string
	lock *os.File
}

func openFolder(path string, fresh bool) (*folder, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", path, err)
	}
	lock, err := os.OpenFile(filepath.Join(path, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", path, err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("cannot use %s: another test cluster runs there", path)
	}
	f := &folder{path: path, lock: lock}
	if err := f.clean(fresh); err != nil {
		f.close()
		return nil, fmt.Errorf("cannot clean %s: %w", path, err)
	}
	return f, nil
}

func (f *folder) close() { f.lock.Close() }

func (f *folder) file(name string) string { return filepath.Join(f.path, name) }

func (f *folder) kubeconfig() string             { return f.file("kubeconfig") }
func (f *folder) unprivilegedKubeconfig() string { return f.file("kubeconfig-unprivileged") }
func (f *folder) auditLog() string               { return f.file("audit.log") }
func (f *folder) clusterLog() string             { return f.file("cluster.log") }
func (f *folder) etcd() string                   { return f.file("etcd") }

// internal holds what only the control plane itself reads.
func (f *folder) internal(name string) string { return filepath.Join(f.path, "internal", name) }

// clean removes what this program writes and nothing else: the folder is the caller's.
func (f *folder) clean(fresh bool) error {
	// Left behind, these would describe a server that is no longer there.
	stale := []string{f.kubeconfig(), f.unprivilegedKubeconfig(), f.auditLog(), f.clusterLog()}
	rotated, err := filepath.Glob(f.file("audit-*.log*"))
	if err != nil {
		return err
	}
	stale = append(stale, rotated...)
	if fresh {
		stale = append(stale, f.etcd(), f.internal(""))
	}
	for _, path := range stale {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return os.MkdirAll(f.internal(""), 0o700)
}
