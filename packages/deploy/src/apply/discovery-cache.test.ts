import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { KubeConnection } from "@tenon/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { discoveryCache } from "./discovery-cache.ts";

const server = "https://10.0.0.1:6443";

function connection(more: Partial<KubeConnection> = {}): KubeConnection {
  return { server, namespace: "default", tls: {}, auth: { type: "none" }, env: {}, ...more };
}

const pod = { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true, verbs: [] };
const text = JSON.stringify([pod]);

describe("discoveryCache()", () => {
  let folder: string;
  let now = 0;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "tenon-discovery-"));
    now = Date.UTC(2026, 0, 1);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (more?: Partial<KubeConnection>) =>
    discoveryCache(folder, connection(more), () => now);

  it("keeps what a server serves for ten minutes, for the user alone", async () => {
    const cache = open();
    expect(await cache.read(server)).toBeUndefined();
    await cache.write(server, text);
    expect(await open().read(server)).toBe(text);
    now += 9 * 60_000;
    expect(await cache.read(server)).toBe(text);
    now += 60_000;
    expect(await cache.read(server)).toBeUndefined();
    now -= 60 * 60_000;
    expect(await cache.read(server)).toBeUndefined();
    const [name] = await readdir(folder);
    expect((await stat(path.join(folder, name!))).mode & 0o777).toBe(0o600);
    expect(await readFile(path.join(folder, name!), "utf8")).not.toContain("token");
  });

  it("tells servers apart, also those that have the same address", async () => {
    await open().write(server, text);
    expect(await open({ server: "https://10.0.0.2" }).read("https://10.0.0.2")).toBeUndefined();
    expect(await open({ tls: { ca: "another" } }).read(server)).toBeUndefined();
  });

  it.each([
    "",
    "{",
    "[]",
    "{}",
    '{"at":0}',
    '{"server":"https://10.0.0.1:6443","at":1767225600000,"digest":"0","text":"[]"}',
  ])("takes the damaged file %j for none, and replaces it", async (content) => {
    const cache = open();
    await cache.write(server, text);
    const [name] = await readdir(folder);
    await writeFile(path.join(folder, name!), content);
    expect(await cache.read(server)).toBeUndefined();
    await cache.write(server, text);
    expect(await cache.read(server)).toBe(text);
  });

  it("does without a folder that cannot be used", async () => {
    await writeFile(path.join(folder, "file"), "");
    const cache = discoveryCache(path.join(folder, "file"), connection());
    await cache.write(server, text);
    expect(await cache.read(server)).toBeUndefined();
  });

  it("forgets servers that were not asked for a day", async () => {
    const old = path.join(folder, "old.json");
    await writeFile(old, "{}");
    const yesterday = new Date(now - 25 * 60 * 60_000);
    await utimes(old, yesterday, yesterday);
    await open().write(server, text);
    expect(await readdir(folder)).toHaveLength(1);
  });
});
