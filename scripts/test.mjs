// `npm test`: sets up what is missing and runs every check and test. Ends with `N passed, N failed`.

import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import path from "node:path";

import { repoRoot } from "./lib/cache.mjs";
import { installPackages } from "./lib/install.mjs";
import { requirePrerequisites } from "./lib/prerequisites.mjs";
import { run } from "./lib/run.mjs";
import { step } from "./lib/steps.mjs";

const started = Date.now();
requirePrerequisites();
await step("packages", installPackages);
const { buildAll } = await import("./build.mjs");
await buildAll();
const { testEnvironment } = await import("./build/tools.mjs");
// Tests that can take any time end in time.
const env = { ...(await testEnvironment()), TENON_TEST_STARTED: String(started) };

const counts = { passed: 0, failed: 0, skipped: 0 };
await check("format", "npx", ["oxfmt", "--check"]);
await check("types", "npx", ["tsc", "-p", "tsconfig.check.json"]);
await check("libraries as they are published", "npx", ["tsc", "-b"]);
// Packages see each other's types as they are published.
await check("lint", "npx", ["oxlint", "--type-aware"]);
await check("generated docs are up to date", "node", ["scripts/generate.mjs", "--check"]);
for (const dir of ["packages/cue-wasm/go", "packages/schema/kubernetes", "test/cluster"]) {
  await check(`gofmt ${dir}`, "sh", ["-c", 'test -z "$(gofmt -l .)"'], dir);
}
// The settings of the builds, so that what they compiled is used again. Vetting would analyse every
// package that a program depends on: the engine's are few, those of a control plane are not.
const goFlags = { GOFLAGS: "-trimpath" };
const engineFlags = { ...goFlags, CGO_ENABLED: "0" };
await check(
  "go vet packages/cue-wasm/go",
  "go",
  ["vet", "./..."],
  "packages/cue-wasm/go",
  engineFlags,
);
for (const dir of ["packages/schema/kubernetes", "test/cluster"]) {
  await check(`go test ${dir}`, "go", ["test", "-vet=off", "./..."], dir, goFlags);
}
if (env.TENON_TEST_NODE24 !== undefined) {
  const vitestOnNode24 = ["node_modules/vitest/vitest.mjs", "run", "--project", "unit"];
  await check("unit tests on Node 24", env.TENON_TEST_NODE24, vitestOnNode24);
}
await vitest();
console.log(
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ""}`,
);
process.exitCode = counts.failed > 0 || (process.env.CI && counts.skipped > 0) ? 1 : 0;

async function check(title, command, args, cwd = ".", env = {}) {
  try {
    await step(title, () => run(command, args, { cwd: path.join(repoRoot, cwd), env }));
    counts.passed++;
  } catch (error) {
    counts.failed++;
    console.error(error.message);
  }
}

async function vitest() {
  const report = path.join(repoRoot, ".cache/vitest.json");
  await rm(report, { force: true });
  const args = [
    "vitest",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  await new Promise((resolve) => {
    const child = spawn("npx", [...args, ...process.argv.slice(2)], {
      cwd: repoRoot,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    child.on("close", resolve);
  });
  const results = JSON.parse(await readFile(report, "utf8"));
  counts.passed += results.numPassedTests;
  counts.failed +=
    results.numFailedTests +
    (results.numFailedTestSuites > 0 && results.numFailedTests === 0 ? 1 : 0);
  counts.skipped += results.numPendingTests;
}
