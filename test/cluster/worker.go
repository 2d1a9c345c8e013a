package main

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// worker brings objects to their next state, one at a time per object, and comes back when that state ends.
type worker struct {
	queue workqueue.TypedRateLimitingInterface[string]
	sync  func(ctx context.Context, namespace, name string) (next time.Duration, err error)
}

func newWorker(sync func(ctx context.Context, namespace, name string) (time.Duration, error)) *worker {
	limiter := workqueue.NewTypedItemExponentialFailureRateLimiter[string](20*time.Millisecond, 5*time.Second)
	return &worker{queue: workqueue.NewTypedRateLimitingQueue(limiter), sync: sync}
}

// watch feeds the worker with each change that the informer sees.
func (w *worker) watch(informer cache.SharedIndexInformer) error {
	_, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    w.add,
		UpdateFunc: func(_, object any) { w.add(object) },
		DeleteFunc: w.add,
	})
	return err
}

func (w *worker) add(object any) {
	key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(object)
	if err == nil {
		w.queue.Add(key)
	}
}

func (w *worker) run(ctx context.Context, concurrency int) {
	var running sync.WaitGroup
	for range concurrency {
		running.Go(func() {
			for w.next(ctx) {
			}
		})
	}
	<-ctx.Done()
	w.queue.ShutDown()
	running.Wait()
}

func (w *worker) next(ctx context.Context) bool {
	key, shutdown := w.queue.Get()
	if shutdown {
		return false
	}
	defer w.queue.Done(key)
	namespace, name, _ := cache.SplitMetaNamespaceKey(key)
	after, err := w.sync(ctx, namespace, name)
	switch {
	case ctx.Err() != nil:
		return false
	case err == nil:
		w.queue.Forget(key)
		if after > 0 {
			w.queue.AddAfter(key, after)
		}
	default:
		// The informer is behind after a conflict, and what is gone needs nothing more.
		if !errors.IsConflict(err) && !errors.IsNotFound(err) {
			klog.ErrorS(err, "Simulation failed", "object", key)
		}
		w.queue.AddRateLimited(key)
	}
	return true
}
