import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";

import type { Digest } from "@tenon/core";
import {
  type Artifact,
  type Clock,
  type RegistryClient,
  type RegistryClientOptions,
  buildModuleArtifact,
  createLayoutRegistry,
  createRegistryClient,
  pullModule,
  pushArtifact,
  serveRegistry,
} from "@tenon/oci";

import {
  type RegistryFaultProxy,
  startRegistryFaultProxy,
} from "../../../support/registry-fault-proxy.ts";
import { type TempDir, tempDir } from "../../../support/temp-dir.ts";
import { findDockerRegistry, startDockerRegistry } from "../docker-registry.ts";

/** Enough to be sent in more than one request. */
export const contentBytes = 1_500_000;

/** Pauses between tries are short, and the server's wishes are heard. */
export const impatient: Clock = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds / 10, 30)));
  },
  random: () => 0.5,
};

/** A real registry behind a proxy that makes faults, with an artifact to move about. */
export interface Lab extends AsyncDisposable {
  readonly dir: TempDir;
  readonly proxy: RegistryFaultProxy;
  /** A module with two layers; one of them has {@link contentBytes}, and some more. */
  readonly artifact: Artifact;
  /** Talks to the registry itself. */
  readonly direct: RegistryClient;
  /** A client of its own that goes through the proxy. */
  connect(options?: Partial<RegistryClientOptions>): RegistryClient;
  /** The digest of what a tag points to, with all its content; nothing where there is none. */
  held(repository: string, tag: string): Promise<Digest | undefined>;
  /** Pushes the artifact past the proxy. */
  prepare(repository: string): Promise<void>;
}

/** The registries that tests run on: ours, and Debian's where it is installed. */
export function labRegistries(): { readonly name: string; readonly open: () => Promise<Lab> }[] {
  const docker = findDockerRegistry();
  const ours = { name: "tenon's registry", open: () => openLab(startOurs) };
  if (!("path" in docker)) return [ours];
  const startDocker = () => startDockerRegistry(docker.path);
  return [ours, { name: "docker-registry", open: () => openLab(startDocker) }];
}

interface Started extends AsyncDisposable {
  readonly host: string;
}

async function startOurs(dir: TempDir): Promise<Started> {
  const server = await serveRegistry(createLayoutRegistry(dir.file("registry")));
  return { host: server.host, [Symbol.asyncDispose]: () => server.close() };
}

async function openLab(start: (dir: TempDir) => Promise<Started>): Promise<Lab> {
  const dir = await tempDir();
  const registry = await start(dir);
  const proxy = await startRegistryFaultProxy(registry.host);
  const direct = createRegistryClient({ host: registry.host, plainHttp: true });
  await dir.write({
    "module/timoni.cue": "package main\n",
    "module/cue.mod/module.cue": 'module: "timoni.sh/app"\n',
    "module/cue.mod/gen/a.cue": "package a\n",
    "module/big": randomBytes(contentBytes),
  });
  const artifact = await buildModuleArtifact(dir.file("module"), { version: "1.0.0" });
  const clients: RegistryClient[] = [direct];
  return {
    dir,
    proxy,
    artifact,
    direct,
    connect(options = {}) {
      const { host } = proxy;
      const common = { host, plainHttp: true, clock: impatient, idleTimeout: 400 };
      const client = createRegistryClient({ ...common, ...options });
      clients.push(client);
      return client;
    },
    async held(repository, tag) {
      const tags = await tagsOf(direct, repository);
      if (!tags.includes(tag)) return undefined;
      return (await pullModule(direct, { repository, tag })).digest;
    },
    prepare: async (repository) => {
      await pushArtifact(direct, repository, artifact, ["1.0.0"]);
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) await client.close();
      await proxy[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await artifact[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

async function tagsOf(client: RegistryClient, repository: string): Promise<string[]> {
  const tags: string[] = [];
  try {
    for await (const tag of client.listTags(repository)) tags.push(tag);
  } catch (error) {
    if ((error as { code?: string }).code !== "OCI_NAME_UNKNOWN") throw error;
  }
  return tags;
}

/** The names in a folder, which may not be there. */
export function namesIn(path: string): Promise<string[]> {
  return readdir(path).then(
    (names) => names.toSorted(),
    () => [],
  );
}
