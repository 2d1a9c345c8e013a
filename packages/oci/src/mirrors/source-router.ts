import { type Digest, hasCode, isDigest, isTenonError, messageOf } from "@tenon/core";

import type { RegistryClient } from "../client/client.ts";
import { OciError, type OciErrorCode } from "../errors.ts";
import type { RegistryHost } from "../reference.ts";
import type { Registry } from "../registry.ts";
import type { RegistryTable } from "./load-table.ts";
import { type PullSource, planPull, planPush, sourceText } from "./pull-sources.ts";

/** A mirror that did not give what was asked for. */
export interface MirrorFailure {
  /** `host/repository`, with the tag or digest. */
  readonly mirror: string;
  readonly reason: string;
  /** It has not got it. After any other failure it is not asked again. */
  readonly missing: boolean;
}

/** What a client is made for. */
export type SourceTarget = Pick<PullSource, "kind" | "host" | "insecure">;

/** Options of {@link SourceRouter}. */
export interface SourceRouterOptions {
  /** The registry as the user names it. */
  readonly host: RegistryHost;
  /** Called once, before the first request. */
  readonly table: () => Promise<RegistryTable>;
  /** Makes the client of one host; it is closed with the router. */
  readonly connect: (target: SourceTarget) => RegistryClient;
  /** `write` leaves mirrors out: what is compared before a push must be what is there. */
  readonly mode?: "read" | "write" | undefined;
  readonly onMirrorFailed?: ((failure: MirrorFailure) => void) | undefined;
  /** Called when a manifest was read elsewhere than at the registry that the user names. */
  readonly onMirrorUsed?: ((use: MirrorUsed) => void) | undefined;
}

/** Where a manifest was read. */
export interface MirrorUsed {
  /** As the user names it: `host/repository`, with the tag or digest. */
  readonly name: string;
  /** Where it was read, in the same form. */
  readonly mirror: string;
}

/** Knows for one registry where to read, which mirrors failed, and keeps the connections. */
export class SourceRouter {
  readonly #options: SourceRouterOptions;
  readonly #clients = new Map<string, RegistryClient>();
  readonly #failed = new Set<string>();
  #table: Promise<RegistryTable> | undefined;
  /** By names, where their manifests were read. */
  readonly #elsewhere = new Map<string, string>();
  #readFrom: PullSource | undefined;
  #isDown = false;

  constructor(options: SourceRouterOptions) {
    this.#options = options;
  }

  /** Where a manifest was read, if not at the registry that the user names. */
  readFrom(repository: string, reference: string): string | undefined {
    return this.#elsewhere.get(sourceText({ host: this.#options.host, repository, reference }));
  }

  /** The registry itself, for what goes by no mirror. */
  async own(repository: string): Promise<RegistryClient> {
    return this.#client(planPush(await this.#loaded(), { host: this.#options.host, repository }));
  }

  /** Where to read a manifest, or the tags where no reference is given. */
  async sources(repository: string, reference?: string): Promise<readonly PullSource[]> {
    const name = { host: this.#options.host, repository, reference };
    const table = await this.#loaded();
    if (this.#options.mode === "write") return [planPush(table, name)];
    const by = reference !== undefined && isDigest(reference) ? "digest" : "tag";
    return planPull(table, name, by).sources;
  }

  /** Where to read a blob: first where its manifest was read, also if that is a mirror for tags. */
  async blobSources(repository: string, digest: Digest): Promise<readonly PullSource[]> {
    const sources = await this.sources(repository, digest);
    const first = this.#readFrom;
    if (first?.kind !== "mirror") return sources;
    return [first, ...sources.filter(({ host }) => host !== first.host)];
  }

  /** Reads a manifest, tells where it was and keeps it in mind. */
  readManifest: Registry["readManifest"] = async (repository, reference, options = {}) => {
    const sources = await this.sources(repository, reference);
    const manifest = await this.inTurn(sources, options.signal, async (client, source) => {
      const asked = source.reference ?? reference;
      const found = await client.readManifest(source.repository, asked, options);
      this.#readFrom = source;
      return found;
    });
    this.#noteOrigin(repository, reference);
    return manifest;
  };

  /** Asks one source after the other until one of them answers. */
  async inTurn<T>(
    sources: readonly PullSource[],
    signal: AbortSignal | undefined,
    read: (client: RegistryClient, source: PullSource) => Promise<T>,
  ): Promise<T> {
    const failures: MirrorFailure[] = [];
    for (const source of sources) {
      if (source.kind === "mirror" && this.#failed.has(source.host)) continue;
      try {
        return await read(this.#client(source), source);
      } catch (error) {
        if (signal?.aborted || !isTenonError(error)) throw error;
        if (source.kind === "location") throw withMirrors(error, failures);
        failures.push(this.#note(source, error));
      }
    }
    throw new Error("the registry itself is always the last source");
  }

  /** Lists what any of the sources has, each thing once. Those that fail are left out if another answers. */
  async *everyOf<T>(
    sources: readonly PullSource[],
    signal: AbortSignal | undefined,
    read: {
      list(client: RegistryClient, source: PullSource): AsyncIterable<T>;
      keyOf(item: T): string;
    },
  ): AsyncGenerator<T, void, void> {
    const seen = new Set<string>();
    const failures: MirrorFailure[] = [];
    let answered = false;
    for (const source of sources) {
      const isMirror = source.kind === "mirror";
      if (isMirror ? this.#failed.has(source.host) : answered && this.#isDown) continue;
      try {
        for await (const item of read.list(this.#client(source), source)) {
          const key = read.keyOf(item);
          if (!seen.has(key)) yield item;
          seen.add(key);
        }
        answered = true;
      } catch (error) {
        if (signal?.aborted || !isTenonError(error)) throw error;
        if (isMirror) failures.push(this.#note(source, error));
        else if (!answered) throw withMirrors(error, failures);
        else this.#isDown = true;
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }

  #loaded(): Promise<RegistryTable> {
    return (this.#table ??= this.#options.table());
  }

  #client(target: SourceTarget): RegistryClient {
    const key = `${target.kind} ${target.host} ${target.insecure}`;
    const client = this.#clients.get(key) ?? this.#options.connect(target);
    this.#clients.set(key, client);
    return client;
  }

  #noteOrigin(repository: string, reference: string): void {
    const { host, onMirrorUsed } = this.#options;
    const from = this.#readFrom!;
    if (from.kind === "location" && from.host === host) return;
    const name = sourceText({ host, repository, reference });
    const mirror = sourceText(from);
    this.#elsewhere.set(name, mirror);
    onMirrorUsed?.({ name, mirror });
  }

  #note(source: PullSource, error: Error): MirrorFailure {
    const missing = hasCode(error, ...missingCodes);
    if (!missing) this.#failed.add(source.host);
    const failure = { mirror: sourceText(source), reason: messageOf(error), missing };
    this.#options.onMirrorFailed?.(failure);
    return failure;
  }
}

const missingCodes: readonly OciErrorCode[] = [
  "OCI_NAME_UNKNOWN",
  "OCI_MANIFEST_UNKNOWN",
  "OCI_BLOB_UNKNOWN",
];

function withMirrors(error: Error, failures: readonly MirrorFailure[]): Error {
  if (failures.length === 0 || !(error instanceof OciError)) return error;
  const mirrors = failures.map(({ mirror, reason }) => `mirror ${mirror}: ${reason}`).join("; ");
  return new OciError(error.code, `${error.message}; before it, ${mirrors}`, {
    hint: error.hint,
    details: { ...error.details, mirrors: failures },
    cause: error,
  });
}
