import type { RegistryClient } from "../client/client.ts";
import type { Registry } from "../registry.ts";
import { settleBlob } from "./settle-blob.ts";
import { SourceRouter, type SourceRouterOptions } from "./source-router.ts";

/** A registry that is read where a mirror table says. */
export interface MirroredRegistry extends RegistryClient {
  /** Where a manifest was read, as `host/repository:tag`; nothing if at the registry as it was named. */
  readFrom(repository: string, reference: string): string | undefined;
}

/**
 * Makes a registry that is read where a mirror table says: each mirror in its turn, then the registry
 * itself. What is asked for by digest is verified whoever gives it; what a tag means is the claim of the
 * mirror. Writes go to the registry that was named.
 *
 * @throws OciError `OCI_REGISTRY_BLOCKED` and `OCI_REGISTRIES_CONF_INVALID` from each call
 */
export function createMirroredRegistry(options: SourceRouterOptions): MirroredRegistry {
  const { host } = options;
  const router = new SourceRouter(options);
  return {
    host,
    readFrom: (repository, reference) => router.readFrom(repository, reference),
    ...reading(router),
    ...listing(router),
    ...writing(router),
    ping: async (call) => (await router.own("")).ping(call),
    close: () => router.close(),
    [Symbol.asyncDispose]: () => router.close(),
  };
}

function reading(
  router: SourceRouter,
): Pick<Registry, "readManifest" | "resolveManifest" | "readBlob"> {
  return {
    readManifest: router.readManifest,
    resolveManifest: async (repository, reference, call = {}) =>
      router.inTurn(await router.sources(repository, reference), call.signal, (client, source) =>
        client.resolveManifest(source.repository, source.reference ?? reference, call),
      ),
    readBlob: async (repository, blob, call = {}) =>
      router.inTurn(
        await router.blobSources(repository, blob.digest),
        call.signal,
        async (client, source) => {
          const open = await client.readBlob(source.repository, blob, call);
          const isPart = call.start !== undefined || call.end !== undefined;
          return source.kind === "mirror" && !isPart ? settleBlob(open, call.signal) : open;
        },
      ),
  };
}

function listing(
  router: SourceRouter,
): Pick<Registry, "listTags" | "listRepositories" | "listReferrers"> {
  return {
    async *listTags(repository, call = {}) {
      const sources = await router.sources(repository);
      const tags = await router.inTurn(sources, call.signal, (client, source) =>
        start(client.listTags(source.repository, call)),
      );
      yield* rest(tags);
    },
    async *listRepositories(call) {
      yield* (await router.own("")).listRepositories(call);
    },
    // A mirror may hold an artifact and not all that refers to it, such as its signatures.
    async *listReferrers(repository, subject, call = {}) {
      const sources = await router.sources(repository, subject);
      yield* router.everyOf(sources, call.signal, {
        list: (client, source) => client.listReferrers(source.repository, subject, call),
        keyOf: ({ digest }) => digest,
      });
    },
  };
}

function writing(
  router: SourceRouter,
): Pick<
  Registry,
  | "statBlob"
  | "pushManifest"
  | "pushBlob"
  | "mountBlob"
  | "deleteManifest"
  | "deleteTag"
  | "deleteBlob"
> {
  return {
    // It is asked before a push, so only what the registry itself has counts.
    statBlob: async (repository, ...args) =>
      (await router.own(repository)).statBlob(repository, ...args),
    pushManifest: async (repository, ...args) =>
      (await router.own(repository)).pushManifest(repository, ...args),
    pushBlob: async (repository, ...args) =>
      (await router.own(repository)).pushBlob(repository, ...args),
    mountBlob: async (repository, ...args) =>
      (await router.own(repository)).mountBlob(repository, ...args),
    deleteManifest: async (repository, ...args) =>
      (await router.own(repository)).deleteManifest(repository, ...args),
    deleteTag: async (repository, ...args) =>
      (await router.own(repository)).deleteTag(repository, ...args),
    deleteBlob: async (repository, ...args) =>
      (await router.own(repository)).deleteBlob(repository, ...args),
  };
}

interface Started<T> {
  readonly first: IteratorResult<T>;
  readonly items: AsyncIterator<T>;
}

/** Takes the first item, which is where a list fails that cannot be had. */
async function start<T>(list: AsyncIterable<T>): Promise<Started<T>> {
  const items = list[Symbol.asyncIterator]();
  return { first: await items.next(), items };
}

async function* rest<T>({ first, items }: Started<T>): AsyncGenerator<T, void> {
  try {
    for (let item = first; item.done !== true; item = await items.next()) yield item.value;
  } finally {
    await items.return?.();
  }
}
