import type { KubeObjectView, ObjectRef } from "@tenon/core";

import { type ApiResource, apiVersionOf } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { listSnapshot } from "../client/objects.ts";
import { resourcePath } from "../client/resource-path.ts";
import { KubeError, isKubeError } from "../errors.ts";
import { parseLive } from "../live-object.ts";

/** Which objects a feed follows. */
export interface FeedScope {
  readonly resource: ApiResource;
  /** All namespaces when it is left out. */
  readonly namespace?: string | undefined;
  readonly labelSelector: string;
}

const watchSeconds = 290;
const firstPause = 200;
const longestPause = 4000;
/** How often to list where watching is forbidden. */
const listPause = 1000;

/**
 * The objects of one kind, kept up to date by a list and the watch that follows it. A watch that
 * ends goes on from the last version it saw; one that is too old begins with a new list. Where the
 * user may not watch, the list is repeated.
 */
export class ObjectFeed {
  readonly #client: KubeClient;
  readonly #scope: FeedScope;
  readonly #listeners = new Set<() => void>();
  readonly #stop = new AbortController();
  readonly #objects = new Map<string, KubeObjectView>();
  #error: KubeError | undefined;
  #version: string | undefined;

  constructor(client: KubeClient, scope: FeedScope) {
    this.#client = client;
    this.#scope = scope;
    void this.#run();
  }

  /** Whether it follows objects of one namespace only. */
  get narrow(): boolean {
    return this.#scope.namespace !== undefined;
  }

  /** Why the feed cannot work: the user may not list, or the credentials are not accepted. */
  get error(): KubeError | undefined {
    return this.#error;
  }

  /** The version of the cluster that the feed shows; none before the first list. */
  get version(): string | undefined {
    return this.#version;
  }

  /** The object as last seen. */
  find({ namespace, name }: ObjectRef): KubeObjectView | undefined {
    return this.#objects.get(keyOf(namespace, name));
  }

  /** Calls back after every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#stop.abort();
    this.#listeners.clear();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    let pause = firstPause;
    while (!signal.aborted) {
      try {
        const from = await this.#list();
        pause = firstPause;
        await this.#follow(from);
      } catch (error) {
        if (signal.aborted) return;
        if (isKubeError(error, "KUBE_FORBIDDEN", "KUBE_UNAUTHORIZED") || !isKubeError(error)) {
          this.#error = asKubeError(error);
          this.#notify();
          return;
        }
        if (isKubeError(error, "KUBE_KIND_UNKNOWN", "KUBE_NOT_FOUND"))
          this.#replace([], this.#version ?? "");
        pause = Math.min(longestPause, pause * 2);
      }
      await this.#client.clock.sleep(pause, signal).catch(() => {});
    }
  }

  async #list(): Promise<string> {
    const { resource, namespace, labelSelector } = this.#scope;
    const { signal } = this.#stop;
    const options = { namespace, labelSelector, signal };
    const { objects, resourceVersion } = await listSnapshot(this.#client, resource, options);
    this.#replace(objects, resourceVersion);
    return resourceVersion;
  }

  /** Watches until the server has forgotten where we were. */
  async #follow(from: string): Promise<void> {
    let version = from;
    while (!this.#stop.signal.aborted) {
      const started = this.#client.clock.now();
      try {
        version = await this.#watch(version);
        // A server that ends every watch at once is not asked without a pause.
        const lasted = this.#client.clock.now() - started;
        if (lasted < firstPause) await this.#client.clock.sleep(firstPause, this.#stop.signal);
      } catch (error) {
        if (!isKubeError(error, "KUBE_FORBIDDEN")) throw error;
        await this.#client.clock.sleep(listPause, this.#stop.signal);
        version = await this.#list();
      }
    }
  }

  async #watch(from: string): Promise<string> {
    const { resource, namespace, labelSelector } = this.#scope;
    let version = from;
    const lines = this.#client.lines({
      method: "GET",
      path: resourcePath(resource, namespace),
      query: {
        watch: true,
        labelSelector,
        resourceVersion: from,
        allowWatchBookmarks: true,
        timeoutSeconds: watchSeconds,
      },
      action: `watch ${resource.plural}${namespace === undefined ? "" : ` in ${namespace}`}`,
      signal: this.#stop.signal,
    });
    for await (const line of lines) {
      const event = parseLive(line) as unknown as WatchEvent;
      if (event.type === "ERROR") throw watchError(event.object);
      version = this.#take(event) ?? version;
    }
    return version;
  }

  #take({ type, object }: WatchEvent): string | undefined {
    const { namespace, name } = object.metadata;
    const version = object.metadata["resourceVersion"] as string | undefined;
    this.#version = version ?? this.#version;
    if (type !== "BOOKMARK") {
      const key = keyOf(namespace, name);
      if (type === "DELETED") this.#objects.delete(key);
      else this.#objects.set(key, this.#complete(object));
      this.#notify();
    }
    return version;
  }

  #replace(objects: readonly KubeObjectView[], version: string): void {
    this.#objects.clear();
    for (const object of objects) {
      this.#objects.set(keyOf(object.metadata.namespace, object.metadata.name), object);
    }
    this.#version = version;
    this.#notify();
  }

  /** Objects in lists and watches may come without their kind. */
  #complete(object: KubeObjectView): KubeObjectView {
    const { resource } = this.#scope;
    return { ...object, apiVersion: apiVersionOf(resource), kind: resource.kind };
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: KubeObjectView;
}

/** 410 Gone, mostly: the version is too old to go on from. */
function watchError(status: unknown): KubeError {
  const { message = "the watch failed" } = status as { readonly message?: string };
  return new KubeError("KUBE_SERVER_ERROR", `Cannot watch: ${message}`);
}

function asKubeError(error: unknown): KubeError {
  if (isKubeError(error)) return error;
  return new KubeError("KUBE_SERVER_ERROR", "Cannot watch: the answer makes no sense", {
    cause: error,
  });
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ""}/${name}`;
}
