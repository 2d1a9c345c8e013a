// Compares Tenon with other tools, in turns, on this machine. Ratios are what counts: below 1 we are faster.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

import { build } from "esbuild";

import { testEnvironment } from "../scripts/build/tools.mjs";
import { repoRoot } from "../scripts/lib/cache.mjs";
import { fleet } from "./fleet.mjs";
import { many } from "./many.mjs";
import { compare, report, timeCommand } from "./measure.mjs";
import { registry } from "./registry.mjs";
import { server } from "./server.mjs";

const tools = await testEnvironment();
const scratch = await mkdtemp(path.join(tmpdir(), "tenon-bench-"));
const tenon = [process.execPath, path.join(repoRoot, "packages/cli/bin/tenon.js")];
const app = path.join(repoRoot, "modules/app");
const tags = ["-t", "name=app", "-t", "namespace=bench", "-t", "mv=1.0.0", "-t", "kv=1.36.3"];
const cueExport = [
  tools.TENON_TEST_CUE,
  "export",
  "-e",
  "timoni.apply",
  ...tags,
  "--out",
  "yaml",
  ".",
];
const children = [];

/** `node bench/run.mjs NAME…` runs those alone. */
const asked = process.argv.slice(2);
const wanted = (name) => asked.length === 0 || asked.includes(name);

try {
  const bundles = await bundle(["evaluations", "transfer"]);
  if (wanted("start-up")) await startUp();
  if (wanted("evaluation")) await evaluation(bundles.evaluations);
  if (wanted("transfer")) await transfer(bundles.transfer);
  if (wanted("server")) await server({ tools, scratch, serve, children });
  // They take minutes, and measure memory.
  if (asked.includes("registry"))
    await registry({
      tools,
      tenon,
      scratch,
      script: bundles.transfer,
      only: process.env.TENON_BENCH_ONLY,
    });
  if (asked.includes("many"))
    await many({ tenon, scratch, modules: path.join(repoRoot, "modules") });
  if (wanted("apply") || wanted("fleet")) {
    const kubeconfig = await startCluster();
    if (wanted("apply")) await apply(kubeconfig);
    if (wanted("fleet")) {
      await fleet({ tools, tenon, kubeconfig, scratch, start: firstLine, capture });
    }
  }
} finally {
  for (const child of children) child.kill();
  await rm(scratch, { recursive: true, force: true });
}

async function startUp() {
  const help = () => timeCommand([...tenon, "--help"]);
  report(
    "tenon --help / node -e 0",
    await compare(help, () => timeCommand([process.execPath, "-e", "0"]), { runs: 15 }),
  );
}

async function evaluation(script) {
  const cue = () => timeCommand(cueExport, { cwd: app });
  const cold = (engine) => () =>
    timeCommand([...tenon, "build", "app", app, "-n", "bench"], {
      env: { ...process.env, TENON_ENGINE: engine },
    });
  report("cold build of modules/app, native / cue export", await compare(cold("native"), cue));
  report("cold build of modules/app, wasm / cue export", await compare(cold("wasm"), cue));
  report("cold build of modules/app, wasm / native", await compare(cold("wasm"), cold("native")));
  const many = (kind) => () => timeCommand([process.execPath, script, app, kind, "50"]);
  const manyCue = () => Array.from({ length: 50 }, cue).reduce((sum, time) => sum + time, 0);
  report(
    "50 evaluations in one process, native / 50 cue export",
    await compare(many("native"), manyCue, { runs: 3 }),
  );
  report(
    "50 evaluations in one process, wasm / native",
    await compare(many("wasm"), many("native"), { runs: 3 }),
  );
}

async function transfer(script) {
  const host = await serve([
    "registry",
    "serve",
    "--address",
    "127.0.0.1:0",
    "--dir",
    path.join(scratch, "registry"),
  ]);
  const file = path.join(scratch, "blob.tar.gz");
  await writeFile(file, randomBytes(200 * 1024 * 1024));
  const layout = path.join(scratch, "layout");
  const source = `${host}/bench/source:1`;
  timeCommand([
    tools.TENON_TEST_CRANE,
    "append",
    "--insecure",
    "-f",
    file,
    "-t",
    source,
    "--oci-empty-base",
  ]);
  timeCommand([tools.TENON_TEST_CRANE, "pull", "--insecure", "--format", "oci", source, layout]);
  const own = path.join(scratch, "own");
  let n = 0;
  const memory = { push: 0, pull: 0 };
  const move = (direction, dir, repository, tag) => {
    const start = performance.now();
    const { stdout, status, stderr } = spawnSync(
      process.execPath,
      [script, direction, dir, host, repository, tag],
      { encoding: "utf8" },
    );
    if (status !== 0) throw new Error(stderr);
    memory[direction] = Math.max(memory[direction], JSON.parse(stdout).mib);
    return performance.now() - start;
  };
  move("pull", own, "bench/source", "1");
  const fresh = () => `bench/copy-${n++}`;
  const push = await compare(
    () => move("push", own, "bench/source", "1"),
    () =>
      timeCommand([tools.TENON_TEST_CRANE, "push", "--insecure", layout, `${host}/${fresh()}:1`]),
    { runs: 3 },
  );
  report("push of 200 MB / crane", push, `, peak ${memory.push.toFixed(0)} MiB`);
  const pull = await compare(
    async () => {
      const dir = path.join(scratch, `pulled-${n++}`);
      const time = move("pull", dir, "bench/source", "1");
      await rm(dir, { recursive: true });
      return time;
    },
    async () => {
      const dir = path.join(scratch, `pulled-${n++}`);
      const time = timeCommand([
        tools.TENON_TEST_CRANE,
        "pull",
        "--insecure",
        "--format",
        "oci",
        source,
        dir,
      ]);
      await rm(dir, { recursive: true });
      return time;
    },
    { runs: 3 },
  );
  report("pull of 200 MB / crane", pull, `, peak ${memory.pull.toFixed(0)} MiB`);
}

async function startCluster() {
  const dir = path.join(scratch, "cluster");
  const { kubeconfig } = await firstLine([
    tools.TENON_TEST_CLUSTER,
    "serve",
    "--dir",
    dir,
    "--exit-on-stdin-close",
  ]);
  return kubeconfig;
}

async function apply(kubeconfig) {
  const env = { ...process.env, KUBECONFIG: kubeconfig };
  const module = path.join(scratch, "many");
  await cp(path.join(repoRoot, "bench/fixtures/many"), module, { recursive: true });
  const manifests = path.join(scratch, "many.yaml");
  const kubectl = (...args) => [tools.TENON_TEST_KUBECTL, ...args];
  let n = 0;
  const first = await compare(
    () => timeCommand([...tenon, "apply", "many", module, "-n", `ours-${n++}`], { env }),
    async () => {
      const namespace = `theirs-${n++}`;
      timeCommand(kubectl("create", "namespace", namespace), { env });
      await writeFile(manifests, renderWith(module, namespace));
      return timeCommand(kubectl("apply", "--server-side", "-n", namespace, "-f", manifests), {
        env,
      });
    },
    { runs: 3 },
  );
  report("apply of 100 objects / kubectl apply --server-side", first);
  const again = await compare(
    () => timeCommand([...tenon, "apply", "many", module, "-n", "ours-0"], { env }),
    () => timeCommand(kubectl("apply", "--server-side", "-f", manifests), { env }),
    { runs: 5 },
  );
  report("its repeat / kubectl apply --server-side", again);
}

function renderWith(module, namespace) {
  return capture([...tenon, "build", "many", module, "-n", namespace]);
}

function capture([command, ...args]) {
  const options = { encoding: "utf8", maxBuffer: 1 << 28 };
  const { stdout, stderr, status } = spawnSync(command, args, options);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Starts the embedded registry and returns its address, which it tells on stdout. */
function serve(args) {
  const child = spawn(tenon[0], [tenon[1], ...args], { stdio: ["ignore", "pipe", "ignore"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const address = /^serving oci:\/\/(\S+)/.exec(line)?.[1];
      if (address) resolve(address);
    });
    child.once("close", (code) => reject(new Error(`tenon registry serve: exit ${code}`)));
  });
}

function firstLine([command, ...args]) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  children.push(child);
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", (line) => resolve(JSON.parse(line)));
    child.once("close", (code) => reject(new Error(`${command}: exit ${code}`)));
  });
}

async function bundle(names) {
  const outdir = path.join(repoRoot, ".cache/bench");
  await build({
    entryPoints: names.map((name) => path.join(repoRoot, `bench/${name}.ts`)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["@tenon/source"],
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    logLevel: "warning",
  });
  return Object.fromEntries(names.map((name) => [name, path.join(outdir, `${name}.mjs`)]));
}
