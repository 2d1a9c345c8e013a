import { groupOf, suggest, versionOf } from "@tenon/core";

import { KubeError, isKubeError } from "../errors.ts";
import {
  type AggregatedList,
  type ApiResource,
  apiVersionOf,
  fromAggregated,
} from "./api-resource.ts";
import type { KubeRequest, KubeResponse } from "./request.ts";

/** Keeps discovery documents between runs; safe to lose at any time. */
export interface DiscoveryCache {
  read(server: string): Promise<string | undefined>;
  write(server: string, text: string): Promise<void>;
}

type Options = {
  readonly signal?: AbortSignal | undefined;
  /** What was kept from an earlier run will not do. */
  readonly fresh?: boolean | undefined;
};

const aggregated = ["v2", "v2beta1"]
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(",");

/** What discovery needs of a client. */
export interface DiscoveryClient {
  readonly connection: { readonly server: string };
  request(call: KubeRequest): Promise<KubeResponse>;
}

/** Knows which kinds a server serves, and reads them anew when one is missing. */
export class Discovery {
  readonly #client: DiscoveryClient;
  readonly #cache: DiscoveryCache | undefined;
  #reading: Promise<Reading> | undefined;
  /** What was kept from an earlier run, once it has been read anew. */
  #outdated: Kinds | undefined;

  constructor(client: DiscoveryClient, cache: DiscoveryCache | undefined) {
    this.#client = client;
    this.#cache = cache;
  }

  /** The resource of a kind, or nothing when the server does not serve it even when asked anew. */
  async find(
    apiVersion: string,
    kind: string,
    options: Options = {},
  ): Promise<ApiResource | undefined> {
    const known = await this.known(apiVersion, kind, options);
    if (known !== undefined) return known;
    await this.refresh(options);
    return this.known(apiVersion, kind, options);
  }

  /** The resource of a kind as last read. */
  async known(
    apiVersion: string,
    kind: string,
    options: Options = {},
  ): Promise<ApiResource | undefined> {
    return (await this.#kinds(options)).get(keyOf(apiVersion, kind));
  }

  /** The resource of a group and kind in any version. */
  async findAnyVersion(
    group: string,
    kind: string,
    options: Options = {},
  ): Promise<ApiResource | undefined> {
    const known = anyVersion(await this.#kinds(options), group, kind);
    return known ?? anyVersion(await this.#kinds({ ...options, fresh: true }), group, kind);
  }

  /**
   * Where a kind has gone that the server does not find at its place: what was kept from an earlier
   * run may be outdated. Nothing comes back when that is not the reason, or the kind is gone.
   */
  async moved(resource: ApiResource, options: Options = {}): Promise<ApiResource | undefined> {
    const { group, kind } = resource;
    const key = keyOf(apiVersionOf(resource), kind);
    const kinds = await this.#kinds({ ...options, fresh: true });
    if (this.#outdated?.has(key) !== true) return undefined;
    const now = kinds.get(key) ?? anyVersion(kinds, group, kind);
    return now === undefined || isSamePlace(now, resource) ? undefined : now;
  }

  /**
   * The resource of a kind.
   *
   * @throws KubeError `KUBE_KIND_UNKNOWN`
   */
  async get(apiVersion: string, kind: string, options: Options = {}): Promise<ApiResource> {
    return (await this.find(apiVersion, kind, options)) ?? this.fail(apiVersion, kind, options);
  }

  /** All kinds that the server serves, as it told in this run. */
  async all(options: Options = {}): Promise<ApiResource[]> {
    return [...(await this.#kinds({ ...options, fresh: true })).values()];
  }

  /** Reads discovery anew from the server. */
  async refresh(options: Options = {}): Promise<void> {
    const before = await this.#reading?.catch(() => undefined);
    if (before?.kept) this.#outdated = before.kinds;
    this.#reading = this.#fetch(options);
    await this.#reading;
  }

  /** Throws the error for a kind that is not served. */
  async fail(apiVersion: string, kind: string, options: Options = {}): Promise<never> {
    const all = await this.all(options);
    const same = all.filter((resource) => resource.kind === kind);
    const versions = same.map(apiVersionOf);
    const near = suggest(kind, new Set(all.map((resource) => resource.kind)));
    const hint =
      versions.length > 0
        ? `The server has ${kind} in ${versions.join(" and ")}`
        : near === undefined
          ? "Install its CustomResourceDefinition first, or add it to the module"
          : `Did you mean ${near}?`;
    const message = `Cannot find kind ${kind} in ${apiVersion}: the API server does not serve it`;
    throw new KubeError("KUBE_KIND_UNKNOWN", message, {
      hint,
      details: { apiVersion, kind, versions },
    });
  }

  async #kinds(options: Options): Promise<Kinds> {
    const reading = (this.#reading ??= this.#load(options));
    const { kinds, kept } = await reading;
    if (!kept || !options.fresh) return kinds;
    // Whoever comes first reads it anew for all.
    if (this.#reading === reading) {
      this.#outdated = kinds;
      this.#reading = this.#fetch(options);
    }
    return this.#kinds(options);
  }

  async #load(options: Options): Promise<Reading> {
    const text = await this.#cache?.read(this.#client.connection.server);
    if (text !== undefined) {
      try {
        return { kinds: index(JSON.parse(text) as ApiResource[]), kept: true };
      } catch {
        // A cache that cannot be read is no cache.
      }
    }
    return this.#fetch(options);
  }

  async #fetch({ signal }: Options): Promise<Reading> {
    try {
      const [core, groups] = await Promise.all([
        this.#document("/api", { signal }),
        this.#document("/apis", { signal }),
      ]);
      const resources = [...core, ...groups];
      await this.#cache?.write(this.#client.connection.server, JSON.stringify(resources));
      return { kinds: index(resources), kept: false };
    } catch (error) {
      this.#reading = undefined;
      throw error;
    }
  }

  async #document(path: "/api" | "/apis", options: Options): Promise<ApiResource[]> {
    const answer = await this.#client.request({
      method: "GET",
      path,
      accept: `${aggregated},application/json`,
      action: "discover the kinds of the API server",
      ...options,
    });
    const list = JSON.parse(answer.text) as AggregatedList;
    if (list.kind === "APIGroupDiscoveryList") return fromAggregated(list);
    return this.#perVersion(path, list, options);
  }

  /** Servers before 1.27 have no aggregated discovery: one document for each version. */
  async #perVersion(path: string, list: unknown, options: Options): Promise<ApiResource[]> {
    const root = list as {
      readonly versions?: readonly string[];
      readonly groups?: readonly {
        readonly versions: readonly { readonly groupVersion: string }[];
      }[];
    };
    const versions =
      root.versions ??
      (root.groups ?? []).flatMap((group) => group.versions.map((entry) => entry.groupVersion));
    const lists = await Promise.all(
      versions.map((version) => this.#version(`${path}/${version}`, version, options)),
    );
    return lists.flat();
  }

  async #version(path: string, apiVersion: string, options: Options): Promise<ApiResource[]> {
    try {
      const action = `discover the kinds of ${apiVersion}`;
      const call = { method: "GET", path, action, brief: true, ...options } as const;
      const answer = await this.#client.request(call);
      const { resources } = JSON.parse(answer.text) as {
        resources: { name: string; kind: string; namespaced: boolean; verbs: string[] }[];
      };
      return resources
        .filter((resource) => !resource.name.includes("/"))
        .map(({ name, kind, namespaced, verbs }) => {
          const gv = { group: groupOf(apiVersion), version: versionOf(apiVersion) };
          return { ...gv, kind, plural: name, namespaced, verbs };
        });
    } catch (error) {
      // An aggregated API whose server is down must not stop everything else.
      if (isKubeError(error, "KUBE_SERVER_ERROR", "KUBE_KIND_UNKNOWN")) return [];
      throw error;
    }
  }
}

type Kinds = ReadonlyMap<string, ApiResource>;

/** What the server told, in this run or in an earlier one. */
interface Reading {
  readonly kinds: Kinds;
  readonly kept: boolean;
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion}|${kind}`;
}

function anyVersion(kinds: Kinds, group: string, kind: string): ApiResource | undefined {
  return [...kinds.values()].find((resource) => resource.group === group && resource.kind === kind);
}

function isSamePlace(a: ApiResource, b: ApiResource): boolean {
  return a.version === b.version && a.plural === b.plural && a.namespaced === b.namespaced;
}

function index(resources: readonly ApiResource[]): Kinds {
  const byKind = new Map<string, ApiResource>();
  for (const resource of resources) {
    const key = keyOf(apiVersionOf(resource), resource.kind);
    if (!byKind.has(key)) byKind.set(key, resource);
  }
  return byKind;
}
