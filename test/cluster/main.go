// Command tenon-test-cluster is a Kubernetes control plane with simulated nodes and pods, in one process.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `Usage: tenon-test-cluster serve --dir DIR [flags]

Runs a Kubernetes API server, its controllers and a simulated node on 127.0.0.1
until it is told to stop. Prints one line of JSON when it is ready.

Flags:
`

func main() {
	terminal, err := openTerminal()
	if err == nil {
		err = run(os.Args[1:], terminal)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(terminal.err, "tenon-test-cluster: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, terminal terminal) error {
	options, exitOnStdinClose, err := parseArgs(args, terminal.err)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if exitOnStdinClose {
		go func() {
			_, _ = io.Copy(io.Discard, terminal.in)
			stop()
		}()
	}
	return serve(ctx, options, terminal)
}

func parseArgs(args []string, stderr io.Writer) (serveOptions, bool, error) {
	var options serveOptions
	var exitOnStdinClose bool
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&options.dir, "dir", "", "folder for data, logs and kubeconfigs (required)")
	flags.IntVar(&options.port, "port", 0, "port of the API server; 0 takes a free one")
	flags.BoolVar(&options.fresh, "fresh", true, "start empty; --fresh=false keeps what an earlier run stored in the folder")
	flags.BoolVar(&exitOnStdinClose, "exit-on-stdin-close", false, "stop when stdin reaches its end")

	help := func() {
		fmt.Fprint(stderr, usage)
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	if len(args) == 0 || args[0] == "--help" || args[0] == "-h" || args[0] == "help" {
		help()
		return options, false, flag.ErrHelp
	}
	if args[0] != "serve" {
		return options, false, fmt.Errorf("unknown command %q, the only one is serve", args[0])
	}
	if err := flags.Parse(args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			help()
		}
		return options, false, err
	}
	if flags.NArg() > 0 {
		return options, false, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if options.dir == "" {
		return options, false, errors.New("--dir is required")
	}
	return options, exitOnStdinClose, nil
}
