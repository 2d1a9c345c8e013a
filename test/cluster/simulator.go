package main

import (
	"context"
	"errors"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	corelisters "k8s.io/client-go/listers/core/v1"
	storagelisters "k8s.io/client-go/listers/storage/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
)

// simulator stands in for the scheduler, the kubelet of one node, and a storage driver.
type simulator struct {
	client     kubernetes.Interface
	informers  informers.SharedInformerFactory
	namespaces corelisters.NamespaceLister
	pods       corelisters.PodLister
	claims     corelisters.PersistentVolumeClaimLister
	volumes    corelisters.PersistentVolumeLister
	classes    storagelisters.StorageClassLister

	broadcaster     record.EventBroadcaster
	schedulerEvents record.EventRecorder
	kubeletEvents   record.EventRecorder

	addresses *addressPool
	// bound remembers when a pod was first seen on the node: stored times only have full seconds.
	bound sync.Map
}

func newSimulator(config *rest.Config) (*simulator, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := informers.NewSharedInformerFactory(client, 0)
	broadcaster := record.NewBroadcaster()
	return &simulator{
		client:      client,
		informers:   factory,
		namespaces:  factory.Core().V1().Namespaces().Lister(),
		pods:        factory.Core().V1().Pods().Lister(),
		claims:      factory.Core().V1().PersistentVolumeClaims().Lister(),
		volumes:     factory.Core().V1().PersistentVolumes().Lister(),
		classes:     factory.Storage().V1().StorageClasses().Lister(),
		broadcaster: broadcaster,
		schedulerEvents: broadcaster.NewRecorder(scheme.Scheme,
			corev1.EventSource{Component: "default-scheduler"}),
		kubeletEvents: broadcaster.NewRecorder(scheme.Scheme,
			corev1.EventSource{Component: "kubelet", Host: nodeName}),
		addresses: newAddressPool(),
	}, nil
}

func (s *simulator) run(ctx context.Context) error {
	s.broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: s.client.CoreV1().Events("")})
	defer s.broadcaster.Shutdown()
	port, err := s.startKubelet(ctx)
	if err != nil {
		return err
	}
	if err := s.createStorageClass(ctx); err != nil {
		return err
	}
	node := simulatedNode(port)
	if err := s.registerNode(ctx, node); err != nil {
		return err
	}

	workers, err := s.connect()
	if err != nil {
		return err
	}
	s.informers.Start(ctx.Done())
	for _, synced := range s.informers.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return errors.New("cannot list objects")
		}
	}
	var running sync.WaitGroup
	for _, worker := range workers {
		running.Go(func() { worker.run(ctx, 4) })
	}
	s.keepNodeReady(ctx, node)
	running.Wait()
	return nil
}

// connect makes the workers and feeds each from what it depends on.
func (s *simulator) connect() ([]*worker, error) {
	core := s.informers.Core().V1()
	namespaces, pods := newWorker(s.syncNamespace), newWorker(s.syncPod)
	claims, volumes := newWorker(s.syncClaim), newWorker(s.syncVolume)
	errs := []error{
		namespaces.watch(core.Namespaces().Informer()),
		pods.watch(core.Pods().Informer()),
		claims.watch(core.PersistentVolumeClaims().Informer()),
		volumes.watch(core.PersistentVolumes().Informer()),
	}
	_, err := core.PersistentVolumeClaims().Informer().AddEventHandler(s.whenClaimChanges(pods))
	errs = append(errs, err)
	_, err = s.informers.Storage().V1().StorageClasses().Informer().AddEventHandler(s.whenClassAppears(claims))
	errs = append(errs, err)
	_, err = core.Pods().Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) {
			if pod, ok := object.(*corev1.Pod); ok && pod.Status.PodIP != "" {
				s.addresses.reserve(pod.UID, pod.Status.PodIP)
			}
		},
		DeleteFunc: func(object any) {
			if last, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = last.Obj
			}
			if pod, ok := object.(*corev1.Pod); ok {
				s.addresses.release(pod.UID)
				s.bound.Delete(pod.UID)
			}
		},
	})
	return []*worker{namespaces, pods, claims, volumes}, errors.Join(append(errs, err)...)
}

// ageOnNode counts from when this process first saw the pod on its node.
func (s *simulator) ageOnNode(pod types.UID, now time.Time) time.Duration {
	since, _ := s.bound.LoadOrStore(pod, now)
	return now.Sub(since.(time.Time))
}
