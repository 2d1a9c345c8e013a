import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { kubectlGet, newNamespace, sharedCluster } from "../support/shared-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { spawnTenon } from "../support/tenon.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL");
const passwords = ["correct-horse-1", "battery-staple-2"];

describe.skipIf(tools.missing)(`a password in the values${tools.reason}`, () => {
  const namespace = newNamespace("secrets");
  const module = repoPath("test/e2e/fixtures/secret");
  let dir: TempDir;
  let printed = "";

  beforeAll(async () => {
    dir = await tempDir();
  });
  afterAll(() => dir?.[Symbol.asyncDispose]());

  async function run(args: readonly string[], password?: string): Promise<string> {
    const env = {
      KUBECONFIG: sharedCluster().kubeconfig,
      TENON_CACHE_DIR: dir.file("cache"),
      TMPDIR: dir.path,
    };
    const files = password === undefined ? [] : ["-f", "-"];
    const input =
      password === undefined ? undefined : `values: password: ${JSON.stringify(password)}`;
    const result = await spawnTenon([...args, "-n", namespace, ...files], {
      env,
      ...(input !== undefined && { input }),
    });
    printed += result.stdout + result.stderr;
    expect(result).toMatchObject({ code: 0 });
    return result.stdout;
  }

  it("reaches the Secret and nothing else", async () => {
    await run(["apply", "web", module], passwords[0]);
    const [secret] = await kubectlGet("secret", "web", "-n", namespace);
    const data = secret!["data"] as Record<string, string>;
    expect(Buffer.from(data["password"]!, "base64").toString()).toBe(passwords[0]);
  });

  it("is masked in a diff, in every output format", async () => {
    const text = await run(["apply", "web", module, "--diff", "--dry-run"], passwords[1]);
    expect(text).toContain("***");
    await run(["apply", "web", module, "--diff", "--dry-run", "-o", "json"], passwords[1]);
    await run(["apply", "web", module, "--diff", "-o", "yaml"], passwords[1]);
  });

  it("is masked in the record and in what inspect prints", async () => {
    const values = await run(["inspect", "values", "web"]);
    expect(values).toContain('password: "***"');
    expect(values).toContain('user:     "***"');
    await run(["status", "web"]);
    await run(["list", "-o", "json"]);
    const records = await kubectlGet(
      "secrets",
      "-n",
      namespace,
      "--field-selector",
      "type=tenon.dev/instance",
    );
    expect(records).toHaveLength(1);
    for (const text of Object.values(records[0]!["data"] as Record<string, string>)) {
      printed += plain(Buffer.from(text, "base64"));
    }
  });

  it("is hidden by build --mask-secrets", async () => {
    expect(await run(["build", "web", module, "--mask-secrets"], passwords[0])).toContain("'***'");
  });

  it("was printed nowhere and is in no file that is left", async () => {
    for (const entry of await readdir(dir.path, { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        printed += await readFile(path.join(entry.parentPath, entry.name), "utf8");
    }
    for (const password of passwords) {
      expect(printed).not.toContain(password);
      expect(printed).not.toContain(Buffer.from(password).toString("base64"));
    }
  });
});

function plain(bytes: Buffer): string {
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
}
