//go:build !wasip1

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/metrics"
	"strconv"
	"time"
)

// exitOutOfMemory tells the client that the memory cap was passed.
const exitOutOfMemory = 77

// main serves requests from stdin on stdout until stdin ends. The argument is the memory cap in MiB.
func main() {
	if len(os.Args) > 1 {
		if limit, err := strconv.ParseUint(os.Args[1], 10, 32); err == nil && limit > 0 {
			go watchMemory(limit << 20)
		}
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(in io.Reader, out io.Writer) error {
	engine := newEngine()
	input := bufio.NewReaderSize(in, 1<<20)
	for {
		head := make([]byte, frameHead)
		if _, err := io.ReadFull(input, head); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		header, body, err := frameSizes(head)
		if err != nil {
			return err
		}
		message := make([]byte, header+body)
		if _, err := io.ReadFull(input, message); err != nil {
			return err
		}
		if _, err := out.Write(engine.handle(message[:header], message[header:]).frame()); err != nil {
			return err
		}
	}
}

func watchMemory(limit uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for {
		metrics.Read(sample)
		if sample[0].Value.Uint64()-sample[1].Value.Uint64() > limit {
			fmt.Fprintln(os.Stderr, "out of memory")
			os.Exit(exitOutOfMemory)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
