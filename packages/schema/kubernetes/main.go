// Command kubernetes-schemas writes the Kubernetes schemas that Tenon ships: CUE definitions of the
// API's Go types, tightened with what a running API server knows about them, and the API server's
// OpenAPI definitions in a compact form for offline checks.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the API server that is asked for its OpenAPI documents")
	out := flag.String("out", "", "folder that receives cue/, openapi/ and index.json")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := generate(ctx, *kubeconfig, *out); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, kubeconfig, out string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	api, err := fetchAPI(kubeconfig)
	if err != nil {
		return fmt.Errorf("cannot read the API server's OpenAPI documents: %w", err)
	}
	if err := api.addClosed(); err != nil {
		return fmt.Errorf("cannot complete the API server's enums: %w", err)
	}
	index := newIndex(api)
	if err := writeChecks(filepath.Join(out, "openapi"), api, index); err != nil {
		return fmt.Errorf("cannot write the OpenAPI definitions: %w", err)
	}
	if err := writeJSON(filepath.Join(out, "index.json"), index); err != nil {
		return err
	}
	tree, err := cueFromGo(ctx)
	if err != nil {
		return fmt.Errorf("cannot generate CUE from Go: %w", err)
	}
	if err := tree.tighten(api); err != nil {
		return fmt.Errorf("cannot tighten the generated CUE: %w", err)
	}
	return tree.write(filepath.Join(out, "cue"))
}
