import { type Digest, sha256 } from "@tenon/core";

import type { DeployEvent } from "../context.ts";
import type { VerifiedModule } from "../source/verified-module.ts";
import type { LockFile, LockedBundle, LockedCueModule, LockedModule } from "./lock-file.ts";
import type { LockKey } from "./lock-key.ts";

/** How {@link LockSession} is opened. */
export interface LockSessionOptions {
  /** Its path, for messages. */
  readonly file: string;
  readonly content: LockFile;
  /** What the file does not list is an error, and so is what is not used. */
  readonly strict: boolean;
  /** Credentials for the registries of the bundle. */
  readonly creds?: string | undefined;
  /** Tells of what the file does not list; quiet without. */
  readonly onEvent?: ((event: DeployEvent) => void) | undefined;
}

/** What a lock file says during one run, and what the run came upon. */
export class LockSession {
  readonly file: string;
  readonly strict: boolean;
  readonly creds: string | undefined;
  /** Modules that were opened, by their request. */
  readonly opened: Map<string, Promise<VerifiedModule>> = new Map();
  readonly #content: LockFile;
  readonly #onEvent: ((event: DeployEvent) => void) | undefined;
  readonly #modules = new Map<string, LockedModule>();
  readonly #cueModules = new Map<string, LockedCueModule>();
  #known: readonly LockedBundle[];

  constructor({ file, content, strict, creds, onEvent }: LockSessionOptions) {
    this.file = file;
    this.strict = strict;
    this.creds = creds;
    this.#content = content;
    this.#known = [...content.bundles.values()];
    this.#onEvent = onEvent;
  }

  /** From here on only what the file has of these bundles counts. */
  bind(bundles: readonly string[]): void {
    this.#known = bundles.flatMap((name) => this.#content.bundles.get(name) ?? []);
  }

  /** What the file has for these no longer counts: they are resolved anew. */
  forget(keys: readonly LockKey[]): void {
    const gone = new Set(keys.map(({ module, asked }) => JSON.stringify([module, asked])));
    this.#known = this.#known.map(({ modules, cueModules }) => ({
      modules: modules.filter(({ module, asked }) => !gone.has(JSON.stringify([module, asked]))),
      cueModules,
    }));
  }

  /** All that the file has of the bundles of this run. */
  get known(): LockedBundle {
    return {
      modules: this.#known.flatMap(({ modules }) => modules),
      cueModules: this.#known.flatMap(({ cueModules }) => cueModules),
    };
  }

  /** All that the run came upon. */
  get found(): LockedBundle {
    return { modules: [...this.#modules.values()], cueModules: [...this.#cueModules.values()] };
  }

  /** What the file has for a module. A repository of the same name in another registry is its copy. */
  findModule({ module, asked }: LockKey): LockedModule | undefined {
    const candidates = this.known.modules.filter((one) => one.asked === asked);
    const exact = candidates.find((one) => one.module === module);
    if (exact !== undefined) return exact;
    const name = repositoryOf(module);
    const copies = candidates.filter((one) => repositoryOf(one.module) === name);
    return new Set(copies.map(({ digest }) => digest)).size === 1 ? copies[0] : undefined;
  }

  /** The digests that the file has for a CUE module. */
  findCueModule(name: string): readonly Digest[] {
    const found = this.known.cueModules.filter(({ module }) => module === name);
    return [...new Set(found.map(({ digest }) => digest))];
  }

  /** Takes note of a module that was opened. */
  addModule(found: LockedModule): void {
    const key = JSON.stringify([found.module, found.asked]);
    if (this.#modules.has(key)) return;
    this.#modules.set(key, found);
    if (this.findModule(found) === undefined) this.#onEvent?.({ type: "not-locked", ...found });
  }

  /** Takes note of the manifest of a CUE module. */
  addCueModule(module: string, manifest: Uint8Array): void {
    this.#cueModules.set(module, { module, digest: sha256(manifest) });
  }
}

function repositoryOf(module: string): string {
  return module.replace(/^oci:\/\/[^/]*\//, "");
}
