import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { kubeObject } from "@tenon/core";
import type { Rendered } from "@tenon/schema";
import { afterAll, beforeAll, expect, it } from "vitest";

import { rewriteImages } from "./rewrite-images.ts";

const digest = `sha256:${"a".repeat(64)}`;
let dir = "";

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "tenon-rewrite-"));
  await writeFile(
    path.join(dir, "r.conf"),
    `[[registry]]
location = "ghcr.io/org"
[[registry.mirror]]
location = "digests.example"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tags.example/all"
pull-from-mirror = "tag-only"
[[registry]]
prefix = "*.example.com"
location = "corp.example"
`,
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it("rewriteImages() changes references and nothing else in the text of an object", async () => {
  const json = (a: string, b: string, c: string, split: string): string =>
    `{"apiVersion":"v1","kind":"Many","metadata":{"name":"a","annotations":{"tenon.dev/images":"split"}},` +
    `"ghcr.io/org/a:1":12345678901234567890,"note":"\\"${a}\\", not ghcr.io/org/a:11",` +
    `"split":{"repository":"${split}","tag":"4"},"spec":{"containers":[{"image":"${a}"},{"image":"${b}"}],` +
    `"arg" : "--image=${c}","other":["${a}","nothing"]}}`;
  const before = json(
    "ghcr.io/org/a:1",
    `ghcr.io/org/bb:2@${digest}`,
    "a.b.example.com/x/y:3",
    "ghcr.io/org/four",
  );
  const rendered = {
    sets: [{ name: "app", objects: [kubeObject(before)] }],
    paths: new Map(),
    images: ["a.b.example.com/x/y:3", "quay.io/left/alone:1", "not a reference"],
  } as unknown as Rendered;
  const result = await rewriteImages(
    { env: { HOME: dir }, registriesConf: path.join(dir, "r.conf") },
    rendered,
  );
  expect(result.sets[0]!.objects[0]!.json).toBe(
    json(
      "tags.example/all/a:1",
      `digests.example/bb:2@${digest}`,
      "corp.example/x/y:3",
      "tags.example/all/four",
    ),
  );
  expect(result.images).toEqual(["corp.example/x/y:3", "not a reference", "quay.io/left/alone:1"]);
  expect(result.rewrittenImages).toEqual([
    { from: "a.b.example.com/x/y:3", to: "corp.example/x/y:3" },
    { from: "ghcr.io/org/a:1", to: "tags.example/all/a:1" },
    { from: `ghcr.io/org/bb:2@${digest}`, to: `digests.example/bb:2@${digest}` },
    { from: "ghcr.io/org/four:4", to: "tags.example/all/four:4" },
  ]);
});
