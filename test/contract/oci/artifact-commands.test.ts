import { readFile } from "node:fs/promises";

import { run } from "@tenon/cli";
import { parseDigest } from "@tenon/core";
import {
  type Descriptor,
  IMAGE_INDEX,
  type RegistryClient,
  attachFile,
  createMemoryRegistry,
  createRegistryClient,
  serveRegistry,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TempDir, tempDir } from "../../support/temp-dir.ts";
import { findDockerRegistry, startDockerRegistry } from "./docker-registry.ts";

const found = findDockerRegistry();
const registries: readonly {
  readonly name: string;
  readonly deletesTags: boolean;
  readonly start: () => Promise<AsyncDisposable & { readonly host: string }>;
}[] = [
  {
    name: "the embedded registry",
    deletesTags: true,
    start: () => serveRegistry(createMemoryRegistry()),
  },
  ...("path" in found
    ? [
        {
          name: "docker-registry",
          deletesTags: false,
          start: () => startDockerRegistry(found.path),
        },
      ]
    : []),
];

if (!("path" in found) && process.env["CI"] === "true") throw new Error("No docker-registry");

describe.each(registries)("tenon artifact with $name", ({ deletesTags, start }) => {
  let dir: TempDir;
  let registry: Awaited<ReturnType<typeof start>>;
  let client: RegistryClient;
  let first = "";
  let second = "";

  beforeAll(async () => {
    dir = await tempDir();
    await dir.write({ "one/a.txt": "a", "one/sub/b.txt": "b", "two/a.txt": "other" });
    registry = await start();
    client = createRegistryClient({ host: registry.host });
    first = await push("files", "one", "-t", "1.0.0", "-t", "latest", "-a", "org.example.team=web");
    second = await push("files", "two", "-t", "v1.1.0", "--content-type", "text");
  });
  afterAll(async () => {
    await client?.close();
    await registry?.[Symbol.asyncDispose]();
    await dir?.[Symbol.asyncDispose]();
  });

  const url = (rest: string): string => `oci://${registry.host}/${rest}`;

  /** Runs a command in this process; `answer` is what is typed on a terminal. */
  async function tenon(args: readonly string[], answer?: string) {
    const printed = { stdout: "", stderr: "" };
    const sink = (name: keyof typeof printed) => ({
      isTTY: false,
      columns: 80,
      write: (text: string) => void (printed[name] += text),
    });
    const code = await run(["artifact", ...args], {
      stdout: sink("stdout"),
      stderr: sink("stderr"),
      stdin: () => Promise.resolve(Buffer.from("")),
      stdinIsTTY: answer !== undefined,
      readLine: () => Promise.resolve(answer ?? ""),
      env: { HOME: dir.path },
      signal: new AbortController().signal,
    });
    return { code, ...printed };
  }

  async function json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await tenon([...args, "-o", "json"]);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as T;
  }

  async function push(repository: string, folder: string, ...more: string[]): Promise<string> {
    const args = ["push", url(repository), "-f", dir.file(folder), ...more];
    return (await json<{ digest: string }>(...args)).digest;
  }

  async function digestOf(reference: string): Promise<string> {
    return (await json<{ digest: string }>("digest", url(reference))).digest;
  }

  it("builds archives and folders, and pushes them as they are", async () => {
    const build = ["build", "-f", dir.file("one"), "-t", "1.0.0", "-a", "org.example.team=web"];
    for (const name of ["one.tar", "one-layout"]) {
      const output = dir.file(name);
      const built = await json(...build, "-o", output);
      expect(built).toMatchObject({ output, tags: ["1.0.0"], digest: first });
      expect(await push("built", name, "-t", "1.0.0")).toBe(first);
    }
    const again = ["push", url("built"), "-t", "2", "-f", dir.file("one.tar")];
    for (const flags of [["-a", "a=b"], ["--content-type", "text"], ["--resolve-symlinks"]]) {
      const { code, stderr } = await tenon([...again, ...flags]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("OCI_ANNOTATION_INVALID")]);
    }
  });

  it("pushes nothing of a built archive that is damaged", async () => {
    const bytes = await readFile(dir.file("one.tar"));
    const layer = bytes.indexOf(Buffer.from([0x1f, 0x8b, 8]));
    bytes[layer + 40]! ^= 1;
    await dir.write({ "bad.tar": bytes });
    const pushBad = ["push", url("bad"), "-t", "1", "-f", dir.file("bad.tar")];
    const { code, stderr } = await tenon(pushBad);
    expect([code, stderr]).toEqual([1, expect.stringContaining("[OCI_DIGEST_MISMATCH]")]);
    expect((await tenon(["digest", url("bad:1")])).code).toBe(1);
  });

  it("lists tags, latest first, and filters them", async () => {
    const { stdout } = await tenon(["list", url("files")]);
    expect(stdout).toBe("TAG\nlatest\nv1.1.0\n1.0.0\n");
    const tags = async (...flags: string[]): Promise<string[]> =>
      (await json<{ tag: string }[]>("list", url("files"), ...flags)).map(({ tag }) => tag);
    expect(await tags("--filter-semver", ">=1.0.0, <1.1.0")).toEqual(["1.0.0"]);
    expect(await tags("--filter-semver", "^1")).toEqual(["v1.1.0", "1.0.0"]);
    expect(await tags("--filter-regex", "^[lv]", "--filter-semver", "1.x")).toEqual(["v1.1.0"]);
    expect(await tags("--filter-regex", "nothing")).toEqual([]);
    const limited = await tenon(["list", url("files"), "--limit", "1", "--with-digest"]);
    expect(limited.stdout).toContain(`latest  ${first}`);
    expect(limited.stderr).toBe("showing 1 of 3 tags, use --limit 0 for all\n");
    for (const flags of [
      ["--filter-regex", "("],
      ["--filter-semver", "one"],
    ]) {
      const { code, stderr } = await tenon(["list", url("files"), ...flags]);
      expect([code, stderr]).toEqual([2, expect.stringContaining("[DEPLOY_FILTER_INVALID]")]);
    }
  });

  it("resolves tags and digests", async () => {
    expect(await digestOf("files")).toBe(first);
    expect(await json("digest", url(`files@${second}`))).toEqual({
      repository: url("files"),
      tag: "",
      digest: second,
    });
    const { code, stderr } = await tenon(["digest", url(`files:1.0.0@${second}`)]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("[OCI_DIGEST_MISMATCH]")]);
  });

  it("shows the manifest and what refers to it", async () => {
    const referrer = await attach("files", await client.resolveManifest("files", "1.0.0"), "note");
    const shown = await json<Record<string, unknown>>("inspect", url("files:1.0.0"));
    expect(shown).toMatchObject({
      repository: url("files"),
      tag: "1.0.0",
      digest: first,
      annotations: { "org.example.team": "web" },
      config: { mediaType: "application/vnd.timoni.config.v1+json", size: 115 },
      layers: [
        {
          mediaType: "application/vnd.timoni.content.v1.tar+gzip",
          contentType: "generic",
          digest: expect.stringMatching(/^sha256:/) as string,
        },
      ],
      referrers: [{ artifactType: "text/note", digest: referrer.digest }],
    });
    const { stdout } = await tenon(["inspect", url("files:1.0.0")]);
    expect(stdout).toContain("annotations:\n  org.example.team: web\n");
    expect(stdout).toMatch(/layers:\n {2}generic {2}1 kB {2}sha256:\w{64}\n/);
    expect(stdout).toContain(`referrers:\n  text/note  1 kB  ${referrer.digest}\n`);
  });

  it("gives back the files that were pushed", async () => {
    const out = dir.file("out");
    const pulled = await tenon(["pull", url("files:1.0.0"), "-o", out]);
    expect(pulled).toMatchObject({ code: 0, stdout: `digest: ${first}\nextracted: ${out}\n` });
    expect(await readFile(dir.file("out/sub/b.txt"), "utf8")).toBe("b");
    const other = ["pull", url("files:1.0.0"), "-o", dir.file("no"), "--content-type", "text"];
    expect((await tenon(other)).stderr).toContain("[OCI_LAYER_MISSING]");
  });

  it("does not move released versions unless asked to", async () => {
    await push("guard", "one", "-t", "1.0.0", "-t", "next", "-t", "2.0.0-rc.1");
    await push("guard", "one", "-t", "1.0.0");
    await push("guard", "two", "-t", "next", "-t", "2.0.0-rc.1");
    const refused = [
      ["push", url("guard"), "-f", dir.file("two"), "-t", "new", "-t", "1.0.0"],
      ["tag", url("guard:next"), "-t", "1.0.0"],
      ["copy", url("guard:next"), url("guard:1.0.0")],
    ];
    for (const args of refused) {
      const { code, stderr } = await tenon(args);
      expect(code).toBe(2);
      expect(stderr).toContain("[DEPLOY_VERSION_RELEASED]");
      expect(stderr).toContain("--overwrite");
    }
    expect((await tenon(["list", url("guard"), "--filter-regex", "new"])).stdout).toBe("TAG\n");
    expect((await tenon(["tag", url("guard:next"), "-t", "1.0.0", "--overwrite"])).code).toBe(0);
    expect(await digestOf("guard:1.0.0")).toBe(await digestOf("guard:next"));
  });

  it("deletes a tag, or a digest with its tags, when that is confirmed", async () => {
    const digest = await push("gone", "one", "-t", "a", "-t", "b", "-t", "c");
    expect(await tenon(["delete", url("gone:a")])).toMatchObject({ code: 2 });
    expect(await tenon(["delete", url("gone"), "--yes"])).toMatchObject({ code: 2 });
    const refused = await tenon(["delete", url("gone:a")], "n");
    expect(refused).toMatchObject({ code: 1, stdout: "nothing is deleted\n" });
    expect(refused.stderr).toContain(`delete tag ${url("gone:a")}, ${digest} stays`);
    expect(await digestOf("gone:a")).toBe(digest);
    const deleted = await tenon(["delete", url("gone:a")], "y");
    if (deletesTags) expect(deleted.stdout).toBe(`deleted tag ${url("gone:a")}, ${digest} stays\n`);
    else expect(deleted.stderr).toMatch(/\[OCI_UNSUPPORTED\]\nhint: .*tenon artifact digest/);
    const reference = url(`gone@${digest}`);
    expect(await json("delete", reference, "--dry-run")).toMatchObject({
      tags: deletesTags ? ["b", "c"] : ["a", "b", "c"],
      deleted: false,
    });
    expect(await json("delete", reference, "--yes")).toMatchObject({ deleted: true });
    expect((await tenon(["digest", reference])).stderr).toContain("[OCI_MANIFEST_UNKNOWN]");
    expect((await tenon(["digest", url("gone:b")])).stderr).toContain("[OCI_MANIFEST_UNKNOWN]");
  });

  it("copies an index with all that refers to any of it, to another registry", async () => {
    const { index, referrers } = await pushGraph("graph");
    await using other = await serveRegistry(createMemoryRegistry());
    await using target = createRegistryClient({ host: other.host });
    const to = `oci://${other.host}/mirror/graph`;
    const copied = await json<Copied>("copy", url("graph:1.0.0"), to);
    expect(copied).toMatchObject({ digest: index.digest, missing: [], blobs: { mounted: 0 } });
    expect(copied.referrers.toSorted()).toEqual(referrers.toSorted());
    expect(copied.blobs.moved).toBeGreaterThan(0);
    for (const digest of [index.digest, ...referrers]) {
      expect(await target.readManifest("mirror/graph", digest)).toEqual(
        await client.readManifest("graph", digest),
      );
    }
    expect((await target.resolveManifest("mirror/graph", "1.0.0")).digest).toBe(index.digest);
    const back = await json<Copied>("copy", `${to}:1.0.0`, url("back"));
    expect(back).toMatchObject({ digest: index.digest, missing: [] });
    expect(back.referrers.toSorted()).toEqual(referrers.toSorted());
    const again = await json<Copied>("copy", `${to}:1.0.0`, url("back"));
    expect(again.blobs).toMatchObject({ moved: 0, mounted: 0 });
  });

  it("copies within a registry without moving a blob", async () => {
    const { index } = await pushGraph("near");
    const copied = await json<Copied>("copy", url(`near@${index.digest}`), url("far:stable"));
    expect(copied).toMatchObject({ blobs: { moved: 0 }, movedBytes: 0 });
    expect(copied.blobs.mounted).toBeGreaterThan(0);
    expect(await digestOf("far:stable")).toBe(index.digest);
  });

  it("tells which manifests the source lists and does not hold", async () => {
    const digest = await push("holes", "one", "-t", "1.0.0");
    const lost = parseDigest(`sha256:${"0".repeat(64)}`);
    // Its list names what is gone, and the artifact as a referrer of itself.
    await using source = await serveRegistry({
      ...client,
      async *listReferrers() {
        yield { mediaType: IMAGE_INDEX, digest: lost, size: 2 };
        yield await client.resolveManifest("holes", digest);
      },
    });
    const copied = await tenon(["copy", `oci://${source.host}/holes:1.0.0`, url("filled")]);
    expect(copied.code).toBe(0);
    expect(copied.stderr).toContain(`the source lists ${lost} and does not hold it`);
    expect(await digestOf("filled:1.0.0")).toBe(digest);
  });

  interface Copied {
    readonly digest: string;
    readonly referrers: readonly string[];
    readonly blobs: { readonly moved: number; readonly mounted: number };
  }

  /** An index of two artifacts, of which one has a note that has a note. */
  async function pushGraph(
    repository: string,
  ): Promise<{ index: Descriptor; referrers: string[] }> {
    await push(repository, "one", "-t", "one");
    await push(repository, "two", "-t", "two");
    const manifests = [
      await client.resolveManifest(repository, "one"),
      await client.resolveManifest(repository, "two"),
    ];
    const body = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests };
    const bytes = Buffer.from(JSON.stringify(body));
    const index = await client.pushManifest(
      repository,
      { mediaType: IMAGE_INDEX, bytes },
      { tags: ["1.0.0"] },
    );
    const note = await attach(repository, manifests[0]!, "note");
    const noted = await attach(repository, note, "note on a note");
    const whole = await attach(repository, index, "about all");
    return { index, referrers: [note, noted, whole].map(({ digest }) => digest) };
  }

  function attach(repository: string, subject: Descriptor, text: string): Promise<Descriptor> {
    const file = { artifactType: "text/note", mediaType: "text/plain", content: Buffer.from(text) };
    return attachFile(client, repository, subject, file);
  }
});
