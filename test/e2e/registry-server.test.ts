import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { startRegistryServer } from "../support/registry-server.ts";
import { tempDir } from "../support/temp-dir.ts";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";

describe("tenon registry serve", () => {
  it("answers 507 when there is no room, keeps nothing of it, and goes on", async () => {
    await using dir = await tempDir();
    const flags = ["--dir", dir.file("data"), "-q"];
    // No file of the process may have more than 1 MiB.
    await using server = await startRegistryServer({ flags, before: "ulimit -f 1024" });
    const repository = `http://${server.host}/v2/org/app`;
    const full = {
      errors: [{ code: "UNKNOWN", message: expect.stringContaining("no space left") }],
    };

    const large = randomBytes(3_000_000);
    const whole = await postBlob(repository, large);
    expect([whole.status, await whole.json()]).toEqual([507, full]);
    expect((await fetch(`${repository}/blobs/${digestOf(large)}`)).status).toBe(404);

    const begun = await fetch(`${repository}/blobs/uploads/`, { method: "POST" });
    const session = new URL(begun.headers.get("location") ?? "", repository);
    const chunk = await fetch(session, { method: "PATCH", body: large });
    expect([chunk.status, await chunk.json()]).toEqual([507, full]);
    expect((await fetch(session, { method: "DELETE" })).status).toBe(204);

    const small = Buffer.from("{}");
    expect((await postBlob(repository, small)).status).toBe(201);
    expect((await putManifest(repository, "small")).status).toBe(201);
    const manifest = await putManifest(repository, "x".repeat(2_000_000));
    expect([manifest.status, await manifest.json()]).toEqual([507, full]);
    const tagged = await fetch(`${repository}/manifests/latest`, { headers: { accept: IMAGE } });
    expect(await tagged.text()).toContain('"small"');
    expect(await filesIn(dir.file("data"))).toEqual(
      [
        `org/app/blobs/sha256/${hexOf(small)}`,
        `org/app/blobs/sha256/${hexOf(manifestText("small"))}`,
        "org/app/index.json",
        "org/app/oci-layout",
      ].toSorted(),
    );
  });

  it("shows a folder read-only", async () => {
    await using dir = await tempDir();
    const folder = ["--dir", dir.file("data"), "-q"];
    {
      await using server = await startRegistryServer({ flags: folder });
      const pushed = await postBlob(`http://${server.host}/v2/org/app`, Buffer.from("{}"));
      expect(pushed.status).toBe(201);
    }
    await using server = await startRegistryServer({ flags: [...folder, "--read-only"] });
    const repository = `http://${server.host}/v2/org/app`;
    expect((await fetch(`${repository}/blobs/${digestOf(Buffer.from("{}"))}`)).status).toBe(200);
    expect((await postBlob(repository, Buffer.from("x"))).status).toBe(405);
    expect((await putManifest(repository, "small")).status).toBe(405);
  });
});

function postBlob(repository: string, body: Buffer): Promise<Response> {
  const target = `${repository}/blobs/uploads/?digest=${digestOf(body)}`;
  return fetch(target, { method: "POST", body: new Uint8Array(body) });
}

function putManifest(repository: string, filler: string): Promise<Response> {
  return fetch(`${repository}/manifests/latest`, {
    method: "PUT",
    headers: { "content-type": IMAGE },
    body: manifestText(filler),
  });
}

function manifestText(filler: string): string {
  const config = { mediaType: "text/plain", digest: digestOf("{}"), size: 2 };
  return JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config, layers: [], filler });
}

async function filesIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files
    .map(({ name, parentPath }) => path.relative(root, path.join(parentPath, name)))
    .toSorted();
}

function digestOf(content: Buffer | string): string {
  return `sha256:${hexOf(content)}`;
}

function hexOf(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}
