import { readdir } from "node:fs/promises";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon, tenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

interface Case {
  readonly title: string;
  readonly module: string;
  readonly values: readonly string[];
}

const tools = needs("TENON_TEST_NODE24");
const cluster = needs("TENON_TEST_CLUSTER", "TENON_TEST_NODE24");
const dir: TempDir = await tempDir();
const blueprint = dir.file("web");

/** Every module below modules/ without values and with each of its own. */
const cases: Case[] = [
  ...(await casesOf("app", repoPath("modules/app"))),
  ...(await casesOf("redis", repoPath("modules/redis"))),
  { title: "blueprint", module: blueprint, values: [] },
  {
    title: "blueprint with values",
    module: blueprint,
    values: [
      await dir.write({ "small.yaml": "values: { replicas: 3, service: { port: 8080 } }\n" }),
      await dir.write({ "page.json": '{ "values": { "message": "<b>\\u00e9</b> 10" } }\n' }),
    ],
  },
];

beforeAll(async () => {
  // What `mod init` makes of the blueprint; it vendors what the module imports.
  await tenon(["mod", "init", "web", dir.path]);
});
afterAll(() => dir[Symbol.asyncDispose]());

async function build({ module, values }: Case, engine: string, node?: string): Promise<string> {
  const files = values.flatMap((file) => ["-f", file]);
  const args = ["build", "web", module, "-n", "apps", ...files];
  return tenon(args, { env: { TENON_ENGINE: engine }, node });
}

describe("tenon build on the wasm and the native engine", () => {
  it.each(cases)("gives the same bytes for $title", async (example) => {
    const [native, wasm] = await Promise.all([build(example, "native"), build(example, "wasm")]);
    expect(native).toMatch(/^(---\n)?apiVersion: /);
    expect(wasm).toBe(native);
  });
});

describe.skipIf(tools.missing)(`tenon build on Node 24${tools.reason}`, () => {
  it.each(cases)("gives the same bytes for $title as here", async (example) => {
    const node = process.env["TENON_TEST_NODE24"];
    const [native, wasm, here] = await Promise.all([
      build(example, "native", node),
      build(example, "wasm", node),
      build(example, "native"),
    ]);
    expect(native).toBe(here);
    expect(wasm).toBe(here);
  });
});

describe.skipIf(cluster.missing)(`tenon list on Node 24${cluster.reason}`, () => {
  it("works without any warning of Node's", async () => {
    const node = process.env["TENON_TEST_NODE24"];
    const env = { KUBECONFIG: sharedCluster().kubeconfig };
    const result = await spawnTenon(["list", "-n", newNamespace("node")], { node, env });
    expect(result).toMatchObject({ code: 0, stderr: "" });
  });
});

async function casesOf(name: string, module: string): Promise<Case[]> {
  const folder = path.join(module, "testdata");
  const files = (await readdir(folder)).filter((file) => file.startsWith("values-")).toSorted();
  return [
    { title: name, module, values: [] },
    ...files.map((file) => ({
      title: `${name} with ${file}`,
      module,
      values: [path.join(folder, file)],
    })),
  ];
}
