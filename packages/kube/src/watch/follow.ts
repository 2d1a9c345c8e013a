import type { KubeObjectView } from "@tenon/core";
import { identityOf } from "@tenon/core";

import { mapBounded } from "../bounded.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { getObject } from "../client/objects.ts";
import { type KubeError, isKubeError } from "../errors.ts";
import type { Located } from "../read-live.ts";
import { isEarlier, isOlder } from "./resource-version.ts";
import type { Subscription } from "./watch-hub.ts";

/** How often to read objects of a kind that may neither be watched nor listed. */
const readPause = 1000;

/**
 * What a wait goes by: the latest reading of its objects. They are watched; where the user may not
 * watch they are listed, and where he may not list they are read one by one.
 */
export class Following implements Disposable {
  readonly #client: KubeClient;
  readonly #onChange: () => void;
  readonly #subscriptions = new Map<string, Subscription & { readonly end: () => void }>();
  readonly #read = new Map<string, KubeObjectView | undefined>();
  readonly #objects: readonly Located[];
  readonly #alone = new Set<Located>();
  readonly #stop = new AbortController();
  #error: KubeError | undefined;

  constructor(client: KubeClient, objects: readonly Located[], onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
    this.#objects = objects;
    for (const object of objects) {
      if (object.unlabelled) this.#alone.add(object);
      else this.#subscribe(object);
    }
    if (this.#alone.size > 0) void this.#readAlone();
  }

  /** Why nothing more will be learnt. */
  get error(): KubeError | undefined {
    return this.#error;
  }

  /** The latest reading; `known` is false until there is one that is not older than `seen`. */
  latest(
    object: Located,
    seen?: KubeObjectView,
  ): { readonly known: boolean; readonly view?: KubeObjectView | undefined } {
    const { known, view } = this.#latest(object, seen);
    const outdated = seen !== undefined && view !== undefined && isOlder(view, seen);
    return known && !outdated ? { known, view } : { known: false };
  }

  #latest(object: Located, seen?: KubeObjectView): ReturnType<Following["latest"]> {
    const id = identityOf(object.ref);
    if (this.#read.has(id)) return { known: true, view: this.#read.get(id) };
    if (this.#alone.has(object)) return { known: false };
    const feed = this.#subscriptions.get(placeOf(object))?.feed;
    if (feed?.error !== undefined) this.#replace(object, feed.error);
    if (feed?.version === undefined || feed.error !== undefined) return { known: false };
    const view = feed.find(object.ref);
    // What is missing in a list from before it was made says nothing.
    const early = isEarlier(feed.version, seen?.metadata["resourceVersion"]);
    return { known: view !== undefined || !early, view };
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    for (const { end } of this.#subscriptions.values()) end();
    this.#subscriptions.clear();
  }

  #subscribe(object: Located): void {
    const place = placeOf(object);
    if (this.#subscriptions.has(place)) return;
    const { ref, resource } = object;
    const subscription = this.#client.watches.open(resource, ref.namespace);
    const stop = subscription.feed.onChange(this.#onChange);
    const end = (): void => {
      stop();
      subscription[Symbol.dispose]();
    };
    this.#subscriptions.set(place, { ...subscription, end });
  }

  /** The feed does not work for this user: take a narrower one, or read the object by itself. */
  #replace(object: Located, error: KubeError): void {
    const place = placeOf(object);
    const failed = this.#subscriptions.get(place);
    failed?.end();
    this.#subscriptions.delete(place);
    if (!isKubeError(error, "KUBE_FORBIDDEN")) {
      this.#error = error;
      return;
    }
    if (object.ref.namespace !== undefined && failed?.feed.narrow === false) {
      this.#subscribe(object);
      return;
    }
    const first = this.#alone.size === 0;
    for (const other of this.#objects) if (placeOf(other) === place) this.#alone.add(other);
    if (first) void this.#readAlone();
  }

  async #readAlone(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        await mapBounded([...this.#alone], async ({ ref, resource }) => {
          this.#read.set(identityOf(ref), await getObject(this.#client, resource, ref, { signal }));
        });
        this.#onChange();
        await this.#client.clock.sleep(readPause, signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isKubeError(error)) this.#error = error;
      this.#onChange();
    }
  }
}

function placeOf({ ref, resource }: Located): string {
  const { group, version, plural } = resource;
  return [group, version, plural, ref.namespace].join("|");
}
