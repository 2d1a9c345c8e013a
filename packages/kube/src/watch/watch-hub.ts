import type { ApiResource } from "../client/api-resource.ts";
import type { KubeClient } from "../client/kube-client.ts";
import { instanceLabel } from "../identity.ts";
import { ObjectFeed } from "./object-feed.ts";

/** A feed in use; dispose it when it is not needed any more. */
export interface Subscription extends Disposable {
  readonly feed: ObjectFeed;
}

/**
 * The watches of one client: for each kind and namespace one, however many instances wait for
 * objects of it. Only objects that carry an owner label are followed.
 */
export class WatchHub {
  readonly #client: KubeClient;
  readonly #feeds = new Map<string, { readonly feed: ObjectFeed; users: number }>();
  #wide = false;

  constructor(client: KubeClient) {
    this.#client = client;
  }

  /** From now on one watch for each kind serves all namespaces, where the user may do that. */
  widen(): void {
    this.#wide = true;
  }

  /** Follows the objects of a kind. */
  open(resource: ApiResource, namespace: string | undefined): Subscription {
    if (!this.#wide) return this.#share(resource, namespace);
    const wide = this.#share(resource, undefined);
    // Who may not list in all namespaces may do so in the one.
    if (wide.feed.error === undefined) return wide;
    wide[Symbol.dispose]();
    return this.#share(resource, namespace);
  }

  close(): void {
    for (const { feed } of this.#feeds.values()) feed.close();
    this.#feeds.clear();
  }

  #share(resource: ApiResource, namespace: string | undefined): Subscription {
    const key = [resource.group, resource.version, resource.plural, namespace ?? "*"].join("|");
    const labelSelector = instanceLabel;
    const entry = this.#feeds.get(key) ?? {
      feed: new ObjectFeed(this.#client, { resource, namespace, labelSelector }),
      users: 0,
    };
    this.#feeds.set(key, entry);
    entry.users++;
    let done = false;
    return {
      feed: entry.feed,
      [Symbol.dispose]: () => {
        if (done) return;
        done = true;
        entry.users--;
        // A run of many instances needs the same feed again in a moment.
        if (entry.users > 0 || this.#wide) return;
        entry.feed.close();
        if (this.#feeds.get(key) === entry) this.#feeds.delete(key);
      },
    };
  }
}
