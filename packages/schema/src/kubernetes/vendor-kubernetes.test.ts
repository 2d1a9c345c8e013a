import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { hasCode } from "@tenon/core";
import { afterEach, beforeEach, expect, test } from "vitest";

import { vendorKubernetes } from "./vendor-kubernetes.ts";

let root: string;
let schemasDir: string;
let moduleDir: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "tenon-vendor-"));
  schemasDir = path.join(root, "schemas");
  moduleDir = path.join(root, "module");
  await write(schemasDir, "cue/k8s.io/api/apps/v1/types.cue", "package v1 // new");
  await write(schemasDir, "cue/k8s.io/api/core/v1/types.cue", "package v1 // new");
  await write(schemasDir, "cue/k8s.io/apimachinery/pkg/types/types.cue", "package types");
  await write(moduleDir, "cue.mod/module.cue", 'module: "example.com/m"');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test("vendorKubernetes() replaces the packages of the API and keeps all others", async () => {
  await write(moduleDir, "cue.mod/gen/k8s.io/api/apps/v1/types.cue", "package v1 // old");
  await write(moduleDir, "cue.mod/gen/k8s.io/api/apps/v1/stale.cue", "package v1");
  await write(moduleDir, "cue.mod/gen/k8s.io/api/extensions/v1beta1/types.cue", "package v1beta1");
  await write(moduleDir, "cue.mod/gen/k8s.io/metrics/v1/types.cue", "package v1");
  await write(moduleDir, "cue.mod/gen/example.com/crd/v1/types.cue", "package v1");

  expect(await vendorKubernetes({ schemasDir, moduleDir })).toEqual([
    "k8s.io/api/apps/v1",
    "k8s.io/api/core/v1",
    "k8s.io/apimachinery/pkg/types",
  ]);

  const gen = path.join(moduleDir, "cue.mod/gen");
  expect(await filesOf(gen)).toEqual([
    "example.com/crd/v1/types.cue",
    "k8s.io/api/apps/v1/types.cue",
    "k8s.io/api/core/v1/types.cue",
    "k8s.io/apimachinery/pkg/types/types.cue",
    "k8s.io/metrics/v1/types.cue",
  ]);
  expect(await readFile(path.join(gen, "k8s.io/api/apps/v1/types.cue"), "utf8")).toContain("new");
});

test("vendorKubernetes() refuses a folder that is no module", async () => {
  await rm(path.join(moduleDir, "cue.mod"), { recursive: true });
  const failure = await vendorKubernetes({ schemasDir, moduleDir }).catch(
    (error: unknown) => error,
  );
  expect(hasCode(failure, "SCHEMA_MODULE_INVALID")).toBe(true);
  expect(existsSync(path.join(moduleDir, "cue.mod"))).toBe(false);
});

test("vendorKubernetes() leaves the module as it was when it is aborted", async () => {
  await write(moduleDir, "cue.mod/gen/k8s.io/api/apps/v1/types.cue", "package v1 // old");
  const signal = AbortSignal.abort();
  await expect(vendorKubernetes({ schemasDir, moduleDir, signal })).rejects.toThrow(/abort/);
  expect(await filesOf(path.join(moduleDir, "cue.mod/gen"))).toEqual([
    "k8s.io/api/apps/v1/types.cue",
  ]);
});

async function write(folder: string, name: string, text: string): Promise<void> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
