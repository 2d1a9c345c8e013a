import { type KubeObjectView, type ObjectRef, messageOf } from "@tenon/core";

import type { ApiResource } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { getObject, listObjects } from "../client/objects.ts";
import { resourcePath } from "../client/resource-path.ts";
import { podResource } from "./resources.ts";

/** Which objects to list. */
export interface ListScope {
  readonly namespace: string;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/**
 * Reads what may explain a failure. It never fails: what cannot be read is noted, as looking for
 * the reason of a failure must not become one.
 */
export class EvidenceReader {
  readonly #client: KubeClient;
  readonly #signal: AbortSignal;
  readonly #unread = new Set<string>();

  constructor(client: KubeClient, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** Milliseconds since the epoch by the clock of the server. */
  now(): number {
    return this.#client.now();
  }

  /** What could not be read so far, and why not. */
  get unread(): readonly string[] {
    return [...this.#unread].toSorted();
  }

  /** Waits for so many milliseconds; false when there is no more time. */
  async pause(milliseconds: number): Promise<boolean> {
    return this.#client.clock.sleep(milliseconds, this.#signal).then(
      () => true,
      () => false,
    );
  }

  /** The objects of a scope; nothing when they cannot be listed. */
  async list(resource: ApiResource, scope: ListScope): Promise<KubeObjectView[] | undefined> {
    return this.#try(`list ${resource.plural} in ${scope.namespace}`, () =>
      listObjects(this.#client, resource, { ...scope, signal: this.#signal }),
    );
  }

  /** One object, when it is there and can be read. */
  async get(resource: ApiResource, ref: ObjectRef): Promise<KubeObjectView | undefined> {
    return this.#try(`read ${resource.plural} in ${ref.namespace ?? "the cluster"}`, () =>
      getObject(this.#client, resource, ref, { signal: this.#signal }),
    );
  }

  /** The last lines of a container's log; nothing when there are none. */
  async log(
    pod: { readonly namespace: string; readonly name: string },
    query: {
      readonly container: string;
      readonly previous: boolean;
      readonly tailLines: number;
      readonly limitBytes: number;
    },
  ): Promise<string | undefined> {
    const answer = await this.#try(`read logs in ${pod.namespace}`, async () =>
      this.#client.request({
        method: "GET",
        path: `${resourcePath(podResource, pod.namespace, pod.name)}/log`,
        query: { ...query, previous: query.previous || undefined },
        accept: "*/*",
        action: `read the log of pod ${pod.name}`,
        // A node that does not answer will not do so in the time that there is.
        idempotent: false,
        signal: this.#signal,
      }),
    );
    return answer?.text;
  }

  async #try<T>(action: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      this.#signal.throwIfAborted();
      return await read();
    } catch (error) {
      this.#unread.add(
        this.#signal.aborted ? `Cannot ${action}: no answer in time` : messageOf(error),
      );
      return undefined;
    }
  }
}
