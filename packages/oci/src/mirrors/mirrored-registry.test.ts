import { sha256 } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createRegistryClient } from "../client/client.ts";
import { createMemoryRegistry } from "../memory/memory.ts";
import { parseHost } from "../reference.ts";
import type { Registry } from "../registry.ts";
import { type RegistryServer, serveRegistry } from "../server/serve.ts";
import { createMirroredRegistry, type MirroredRegistry } from "./mirrored-registry.ts";
import { parseRegistriesConf } from "./registries-conf.ts";
import type { MirrorFailure } from "./source-router.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const blob = encode("layer");
const digest = sha256(blob);

function manifestWith(note: string): { mediaType: string; bytes: Uint8Array } {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const empty = {
    mediaType: "application/vnd.oci.empty.v1+json",
    digest: sha256(encode("{}")),
    size: 2,
  };
  const layer = { mediaType: "text/plain", digest, size: blob.length };
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: empty,
    layers: [layer],
    annotations: { note },
  };
  return { mediaType, bytes: encode(JSON.stringify(manifest)) };
}

async function fill(registry: Registry, repository: string, note: string): Promise<void> {
  for (const bytes of [blob, encode("{}")]) {
    const target = { digest: sha256(bytes), size: bytes.length };
    await registry.pushBlob(repository, target, () => new Response(Buffer.from(bytes)).body!);
  }
  await registry.pushManifest(repository, manifestWith(note), { tags: ["1.0"] });
}

async function collect<T>(list: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

function brokenStream(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encode("lay")),
    pull: (controller) => controller.error(new Error("the disk is gone")),
  });
}

describe("createMirroredRegistry()", () => {
  const source = createMemoryRegistry();
  const mirror = createMemoryRegistry();
  let servers: RegistryServer[];
  let asked: string[];
  let failures: MirrorFailure[];
  let open: MirroredRegistry[];

  beforeEach(async () => {
    asked = [];
    failures = [];
    open = [];
    const serve = (name: string, registry: Registry): Promise<RegistryServer> =>
      serveRegistry(registry, {
        onRequest: ({ method, path }) => asked.push(`${name} ${method} ${path}`),
      });
    servers = [await serve("source", source), await serve("mirror", mirror)];
    await fill(source, "org/app", "of the source");
    await fill(mirror, "copy/app", "of the mirror");
  });
  afterEach(async () => {
    for (const registry of open) await registry.close();
    for (const server of servers) await server.close();
  });

  /** A registry by a table with one entry for the source, and the mirrors given. */
  function registryWith(
    mirrors: readonly (readonly [location: string, more?: string])[],
    options: { readonly mode?: "write"; readonly registry?: string } = {},
  ): MirroredRegistry {
    const host = parseHost(servers[0]!.host);
    const conf = [
      `[[registry]]\nprefix = "${host}/org"\nlocation = "${options.registry ?? `${host}/org`}"`,
      ...mirrors.map(
        ([location, more = ""]) => `[[registry.mirror]]\nlocation = "${location}"\n${more}`,
      ),
    ].join("\n");
    const registry = createMirroredRegistry({
      host,
      mode: options.mode,
      table: async () => ({ entries: parseRegistriesConf(conf, "r.conf"), files: ["r.conf"] }),
      connect: (target) =>
        createRegistryClient({
          host: target.host,
          insecure: target.insecure,
          retry: { attempts: 1 },
        }),
      onMirrorFailed: (failure) => failures.push(failure),
    });
    open.push(registry);
    return registry;
  }
  const noteOf = async (registry: Registry, reference: string): Promise<unknown> => {
    const { bytes } = await registry.readManifest("org/app", reference);
    return (JSON.parse(Buffer.from(bytes).toString()) as { annotations: { note: string } })
      .annotations.note;
  };

  it("reads manifests, blobs and tags from the mirror alone, and says so", async () => {
    const registry = registryWith([[`${servers[1]!.host}/copy`]]);
    expect(await noteOf(registry, "1.0")).toBe("of the mirror");
    expect(registry.readFrom("org/app", "1.0")).toBe(`${servers[1]!.host}/copy/app:1.0`);
    const { stream } = await registry.readBlob("org/app", { digest, size: blob.length });
    expect(await textOf(stream)).toBe("layer");
    expect(await collect(registry.listTags("org/app"))).toEqual(["1.0"]);
    expect(asked.filter((line) => line.startsWith("source"))).toEqual([]);
    expect(failures).toEqual([]);
  });

  it("goes on to the registry for what the mirror has not got, and asks the mirror again", async () => {
    const registry = registryWith([[`${servers[1]!.host}/else`]]);
    expect(await noteOf(registry, "1.0")).toBe("of the source");
    expect(registry.readFrom("org/app", "1.0")).toBeUndefined();
    await registry.resolveManifest("org/app", "1.0");
    expect(failures).toMatchObject([{ missing: true }, { missing: true }]);
    expect(failures[0]!.mirror).toBe(`${servers[1]!.host}/else/app:1.0`);
  });

  it("asks a mirror that is down once", async () => {
    const down = servers.pop()!;
    await down.close();
    const registry = registryWith([[`${down.host}/copy`]]);
    expect(await noteOf(registry, "1.0")).toBe("of the source");
    await registry.resolveManifest("org/app", "1.0");
    expect(failures).toMatchObject([{ missing: false, reason: expect.stringMatching(/refused/) }]);
  });

  it("takes nothing else by digest from a mirror that lies", async () => {
    const lying = createMemoryRegistry();
    await fill(lying, "copy/app", "a lie");
    const wanted = await source.resolveManifest("org/app", "1.0");
    const server = await serveRegistry({
      ...lying,
      readManifest: () => lying.readManifest("copy/app", "1.0"),
    });
    servers.push(server);
    const registry = registryWith([[`${server.host}/copy`]]);
    expect(await noteOf(registry, wanted.digest)).toBe("of the source");
    expect(failures).toMatchObject([{ missing: false, reason: expect.stringMatching(/digest/) }]);
  });

  it.each([
    ["has other bytes", () => new Response("later").body!],
    ["is cut off", brokenStream],
  ])("reads a blob of the registry where that of the mirror %s", async (_, body) => {
    const server = await serveRegistry({
      ...mirror,
      readBlob: async () => ({ size: blob.length, stream: body() }),
    });
    servers.push(server);
    const registry = registryWith([[`${server.host}/copy`]]);
    await registry.readManifest("org/app", "1.0");
    const { stream } = await registry.readBlob("org/app", { digest, size: blob.length });
    expect(await textOf(stream)).toBe("layer");
    expect(failures).toMatchObject([{ missing: false }]);
    expect(asked.filter((line) => line.includes("/blobs/"))).toEqual([
      `source GET /v2/org/app/blobs/${digest}`,
    ]);
  });

  it("keeps to mirrors for tags and for digests, and reads blobs where the manifest was", async () => {
    const { digest: wanted } = await source.resolveManifest("org/app", "1.0");
    const location = `${servers[1]!.host}/copy`;
    const byDigest = registryWith([[location, 'pull-from-mirror = "digest-only"']]);
    expect(await noteOf(byDigest, "1.0")).toBe("of the source");
    expect(asked.filter((line) => line.startsWith("mirror"))).toEqual([]);
    const byTag = registryWith([[location, 'pull-from-mirror = "tag-only"']]);
    await byTag.readManifest("org/app", wanted);
    expect(asked.filter((line) => line.startsWith("mirror"))).toEqual([]);
    await byTag.readManifest("org/app", "1.0");
    await textOf((await byTag.readBlob("org/app", { digest })).stream);
    expect(asked.filter((line) => line.includes("/blobs/"))).toEqual([
      `mirror GET /v2/copy/app/blobs/${digest}`,
    ]);
  });

  it("names all that failed when nothing answers", async () => {
    const registry = registryWith([[`${servers[1]!.host}/none`], [`${servers[1]!.host}/void`]]);
    await expect(registry.readManifest("org/app", "9.9")).rejects.toMatchObject({
      code: "OCI_MANIFEST_UNKNOWN",
      message: expect.stringMatching(/before it, mirror \S+\/none\/app:9\.9: .*; mirror \S+\/void/),
    });
  });

  it("writes to the registry that was named, and reads there what is compared", async () => {
    const registry = registryWith([[`${servers[1]!.host}/copy`]], { mode: "write" });
    expect(await noteOf(registry, "1.0")).toBe("of the source");
    const pushed = await registry.pushManifest("org/app", manifestWith("new"), { tags: ["2.0"] });
    expect(await source.resolveManifest("org/app", "2.0")).toMatchObject({ digest: pushed.digest });
    expect(asked.filter((line) => line.startsWith("mirror"))).toEqual([]);
  });

  it("rewrites the location of the registry itself", async () => {
    const registry = registryWith([], { registry: `${servers[1]!.host}/copy` });
    expect(await noteOf(registry, "1.0")).toBe("of the mirror");
    expect(registry.readFrom("org/app", "1.0")).toBe(`${servers[1]!.host}/copy/app:1.0`);
  });

  it("lists the referrers that anybody knows of, each once", async () => {
    const { bytes: manifest } = await source.readManifest("org/app", "1.0");
    const { mediaType } = manifestWith("");
    const subject = await mirror.pushManifest("copy/app", { mediaType, bytes: manifest });
    const push = async (registry: Registry, repository: string, note: string): Promise<string> => {
      const body = JSON.parse(Buffer.from(manifestWith(note).bytes).toString()) as object;
      const bytes = encode(JSON.stringify({ ...body, artifactType: "test/sig", subject }));
      return (await registry.pushManifest(repository, { mediaType, bytes })).digest;
    };
    const both = await push(mirror, "copy/app", "both");
    await push(source, "org/app", "both");
    const one = await push(source, "org/app", "one");
    const list = async (registry: MirroredRegistry): Promise<string[]> =>
      (await collect(registry.listReferrers("org/app", subject.digest)))
        .map((found) => found.digest)
        .toSorted();
    const location = `${servers[1]!.host}/copy`;
    expect(await list(registryWith([[location]]))).toEqual([both, one].toSorted());
    const registry = registryWith([[location]]);
    await servers.shift()!.close();
    expect(await list(registry)).toEqual([both]);
    await servers.pop()!.close();
    await expect(list(registry)).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
  });
});
