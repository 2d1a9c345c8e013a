package main

import (
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"
)

// addressPool gives each pod an address of its own in 10.244.0.0/16.
type addressPool struct {
	mutex  sync.Mutex
	last   int
	byPod  map[types.UID]string
	inUse  map[string]bool
	maxUse int
}

func newAddressPool() *addressPool {
	return &addressPool{byPod: map[types.UID]string{}, inUse: map[string]bool{}, maxUse: 1<<16 - 2}
}

func (p *addressPool) take(pod types.UID) string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if address, found := p.byPod[pod]; found {
		return address
	}
	for range p.maxUse {
		p.last = p.last%p.maxUse + 1
		address := fmt.Sprintf("10.244.%d.%d", p.last>>8, p.last&0xff)
		if !p.inUse[address] {
			p.keep(pod, address)
			return address
		}
	}
	return ""
}

// reserve marks an address that a pod got from an earlier run.
func (p *addressPool) reserve(pod types.UID, address string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.keep(pod, address)
}

func (p *addressPool) release(pod types.UID) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.inUse, p.byPod[pod])
	delete(p.byPod, pod)
}

func (p *addressPool) keep(pod types.UID, address string) {
	p.byPod[pod] = address
	p.inUse[address] = true
}
