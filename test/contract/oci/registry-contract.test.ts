import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type Registry,
  type RegistryClient,
  type RegistryServer,
  createLayoutRegistry,
  createMemoryRegistry,
  createRegistryClient,
  serveRegistry,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type DockerRegistry, findDockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { registryContract } from "./registry-contract.ts";

const memory = createMemoryRegistry();
registryContract("memory", () => memory);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tenon-contract-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
registryContract("layout", () => createLayoutRegistry(join(folder, "layout")));

served("client of a server of memory", () => createMemoryRegistry());
served("client of a server of a layout", () => createLayoutRegistry(join(folder, "served")));
served("client of a server of a client of a server of memory", () => proxied());

const docker = findDockerRegistry();
if ("path" in docker) {
  describe("with docker-registry", () => {
    let registry: DockerRegistry;
    let client: RegistryClient;
    beforeAll(async () => {
      registry = await startDockerRegistry(docker.path);
      client = createRegistryClient({ host: registry.host });
    });
    afterAll(async () => {
      await client.close();
      await registry[Symbol.asyncDispose]();
    });
    registryContract("client of docker-registry", () => client, { tagDeletion: true });
  });
} else {
  it.skipIf(process.env["CI"] !== "true")(`docker-registry: ${docker.reason}`, () => {
    expect.fail(docker.reason);
  });
}

function served(name: string, create: () => Registry): void {
  describe(name, () => {
    let server: RegistryServer;
    let client: RegistryClient;
    beforeAll(async () => {
      server = await serveRegistry(create());
      client = createRegistryClient({ host: server.host });
    });
    afterAll(async () => {
      await client.close();
      await server.close();
    });
    registryContract(name, () => client);
  });
}

function proxied(): Registry {
  const inner = serveRegistry(createMemoryRegistry());
  const open = inner.then(({ host }) => createRegistryClient({ host }));
  afterAll(async () => {
    await (await open).close();
    await (await inner).close();
  });
  return lazily(open);
}

/** A registry that is still being opened. */
function lazily(open: Promise<Registry>): Registry {
  const call = (name: string) => {
    const isList = name.startsWith("list");
    type Method = (...args: unknown[]) => unknown;
    const method = async () => (await open)[name as keyof Registry] as Method;
    if (!isList) return async (...args: unknown[]) => (await method())(...args);
    return async function* (...args: unknown[]) {
      yield* (await method())(...args) as AsyncIterable<unknown>;
    };
  };
  return new Proxy({} as Registry, { get: (_, name) => call(String(name)) });
}
