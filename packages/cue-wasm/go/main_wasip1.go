//go:build wasip1

package main

import "unsafe"

var (
	serving  = newEngine()
	incoming []byte
	outgoing []byte
)

func main() {}

// engineAlloc returns the address of a buffer of the size for the next request.
//
//go:wasmexport engine_alloc
func engineAlloc(size int32) unsafe.Pointer {
	incoming = make([]byte, max(size, 1))
	return unsafe.Pointer(&incoming[0])
}

// engineHandle serves the request in the buffer and returns the response's address in the upper
// and its length in the lower half.
//
//go:wasmexport engine_handle
func engineHandle(headerSize int32, bodySize int32) uint64 {
	message := incoming
	incoming = nil
	outgoing = serving.handle(message[:headerSize], message[headerSize:headerSize+bodySize]).frame()
	return uint64(uintptr(unsafe.Pointer(&outgoing[0])))<<32 | uint64(len(outgoing))
}
