package main

import "testing"

func TestAddressPool(t *testing.T) {
	pool := newAddressPool()
	pool.reserve("old", "10.244.0.1")
	first, again, second := pool.take("a"), pool.take("a"), pool.take("b")
	if first != "10.244.0.2" || again != first || second != "10.244.0.3" {
		t.Errorf("got %s, %s, %s", first, again, second)
	}
	pool.release("a")
	if next := pool.take("c"); next != "10.244.0.4" {
		t.Errorf("got %s", next)
	}
}
