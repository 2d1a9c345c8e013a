package main

import (
	"time"

	corev1 "k8s.io/api/core/v1"
)

// How long each step takes. Short, but long enough for a watch to see it.
const (
	startAfter   = 150 * time.Millisecond
	runFor       = 300 * time.Millisecond
	firstBackOff = 10 * time.Second
	maxBackOff   = 300 * time.Second
)

type containerState int

const (
	creating containerState = iota
	pullFailed
	pullBackOff
	running
	crashBackOff
	terminated
)

// moment is the state that the containers of a pod are in at some age of it.
type moment struct {
	state    containerState
	ready    bool
	restarts int32
	exitCode int32
	backOff  time.Duration
	// next is how long it stays like this; zero means for ever.
	next time.Duration
}

// momentOf tells how a pod fares at this age, which counts from when it got its node.
func momentOf(pod *corev1.Pod, age time.Duration) moment {
	b, delay, _ := behaviourOf(pod)
	if age < startAfter {
		return moment{state: creating, next: startAfter - age}
	}
	age -= startAfter
	restarts := pod.Spec.RestartPolicy != corev1.RestartPolicyNever
	runsOnce := pod.Spec.RestartPolicy != corev1.RestartPolicyAlways
	switch {
	case b == imagePullError:
		return pullMoment(age)
	case b == neverReady:
		return moment{state: running}
	case b == fail && runsOnce, b == crashLoop && !restarts:
		return endingMoment(age, runFor, 1)
	case b == fail, b == crashLoop:
		return crashMoment(age)
	case runsOnce:
		return endingMoment(age, runFor+delay, 0)
	case age < delay:
		return moment{state: running, next: delay - age}
	default:
		return moment{state: running, ready: true}
	}
}

func pullMoment(age time.Duration) moment {
	if age < runFor {
		return moment{state: pullFailed, next: runFor - age}
	}
	return moment{state: pullBackOff}
}

func endingMoment(age, end time.Duration, exitCode int32) moment {
	if age < end {
		return moment{state: running, ready: true, next: end - age}
	}
	return moment{state: terminated, exitCode: exitCode}
}

// crashMoment restarts at once after the first crash, then waits twice as long after each one.
// The container is never ready between crashes: tests must not see it available by chance.
func crashMoment(age time.Duration) moment {
	wait := time.Duration(0)
	for restarts := int32(0); ; restarts++ {
		if age < runFor {
			return moment{state: running, restarts: restarts, next: runFor - age}
		}
		age -= runFor
		if age < wait {
			return moment{state: crashBackOff, restarts: restarts, backOff: wait, next: wait - age}
		}
		age -= wait
		wait = min(max(2*wait, firstBackOff), maxBackOff)
	}
}
