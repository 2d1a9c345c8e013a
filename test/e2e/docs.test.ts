import { chmod, cp, readdir } from "node:fs/promises";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type TestRegistry, startEmbeddedRegistry } from "../support/registries.ts";
import { repoPath, repoRoot } from "../support/repo.ts";
import { runProcess } from "../support/run-process.ts";
import { printedBlocks, scriptOf, shellBlocks } from "../support/shell-blocks.ts";
import { type TestCluster, startCluster } from "../support/start-cluster.ts";
import { type TempDir, tempDir } from "../support/temp-dir.ts";
import { cleanEnvironment, tenonBin } from "../support/tenon.ts";
import { needs, toolPath } from "../support/tools.ts";

// How documents are written so that they can run here:
// - `sh` blocks run in order, all those of a file in one shell, in a folder that holds modules/ and
//   docs/ of the checkout; `console` blocks are illustrations, but those that are marked
//   `console printed` hold what the commands print;
// - the registry is localhost:5000, and the cluster is the one of the current context;
// - `tenon`, `npx tenon`, `kubectl` and `cue` are there; setting up (`npm start`, `npm test`) is not done.
const registryInDocs = "localhost:5000";

const tools = needs("TENON_TEST_CLUSTER", "TENON_TEST_KUBECTL", "TENON_TEST_CUE");
const documents = await documentsWithCommands();

describe.skipIf(tools.missing)(`the commands in the documents work${tools.reason}`, () => {
  let bin: TempDir;
  beforeAll(async () => {
    bin = await tempDir();
    await writeCommand("tenon", process.execPath, tenonBin);
    await writeCommand("kubectl", toolPath("TENON_TEST_KUBECTL"));
    await writeCommand("cue", toolPath("TENON_TEST_CUE"));
    await bin.write({ npx: '#!/bin/sh\nexec "$@"\n' });
    await chmod(bin.file("npx"), 0o755);
  });
  afterAll(() => bin?.[Symbol.asyncDispose]());

  async function writeCommand(name: string, ...command: string[]): Promise<void> {
    const words = command.map((word) => `'${word}'`).join(" ");
    await bin.write({ [name]: `#!/bin/sh\nexec ${words} "$@"\n` });
    await chmod(bin.file(name), 0o755);
  }

  // Each that needs a cluster has one of its own: namespaces and instances have the names that readers
  // see.
  it.each(documents)("$name", async ({ name, blocks, printed }) => {
    const needsCluster =
      /(?<!artifact )\b(kubectl|apply|delete|status|drift|list|adopt|check(?!-)|server)\b/.test(
        JSON.stringify(blocks),
      );
    await using cluster: TestCluster | undefined = needsCluster ? await startCluster() : undefined;
    await using registry: TestRegistry = await startEmbeddedRegistry();
    await using dir: TempDir = await tempDir();
    for (const folder of ["modules", "docs"]) {
      await cp(repoPath(folder), dir.file(folder), { recursive: true });
    }
    const script = scriptOf(name, blocks).replaceAll(registryInDocs, registry.host);
    const env = {
      ...cleanEnvironment(),
      HOME: dir.path,
      PATH: `${bin.path}${path.delimiter}${process.env["PATH"] ?? ""}`,
      KUBECONFIG: cluster?.info.kubeconfig,
    };
    const { code, stdout, stderr } = await runProcess("bash", ["-c", script], {
      cwd: dir.path,
      env,
      timeoutMs: 280_000,
    });
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    const output = `${stdout}\n${stderr}`.replaceAll(registry.host, registryInDocs);
    for (const { text } of printed) expect(output).toContain(text);
  });

  it("are there", () => {
    expect(documents.map(({ name }) => name)).toContain("README.md");
  });
});

async function documentsWithCommands() {
  const folder = await readdir(repoPath("docs"), { recursive: true });
  const docs = folder.filter((file) => file.endsWith(".md")).map((file) => `docs/${file}`);
  const all = await Promise.all(
    ["README.md", ...docs.toSorted()].map(async (name) => ({
      name,
      blocks: await shellBlocks(path.join(repoRoot, name)),
      printed: await printedBlocks(path.join(repoRoot, name)),
    })),
  );
  return all.filter(({ blocks }) => blocks.length > 0);
}
