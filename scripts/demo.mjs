// The main job from end to end: a registry and a real Kubernetes API server of its own, and the
// real command line. Nothing outside a temporary folder is written.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { buildCluster } from "./build/cluster.mjs";
import { repoRoot } from "./lib/cache.mjs";

const tenon = path.join(repoRoot, "packages/cli/bin/tenon.js");

/** Runs the demo for a person and returns the exit code. */
export async function main() {
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, interrupt);
  try {
    await runDemo({ out: process.stdout, signal: controller.signal });
    return 0;
  } catch (error) {
    console.error(controller.signal.aborted ? "interrupted" : error.message);
    return controller.signal.aborted ? 130 : 1;
  }
}

/**
 * Runs every step, showing each command line with what it prints.
 *
 * @param {object} options
 * @param {import("node:stream").Writable & { isTTY?: boolean }} options.out
 * @param {(done: object) => Promise<void>} [options.afterStep] called when a step has ended: its name,
 *   what its command printed, and where the registry, the cluster and the files are
 * @param {string} [options.cluster] the binary of the test cluster; built when it is not given
 * @param {AbortSignal} [options.signal] ends the demo and stops what it has started
 */
export async function runDemo({ out, afterStep, cluster, signal }) {
  const started = performance.now();
  const style = styleFor(out);
  const say = (text) => out.write(`${text}\n`);
  const dir = await mkdtemp(path.join(tmpdir(), "tenon-demo-"));
  const env = demoEnvironment(dir);
  const services = [];
  try {
    const context = await startServices({ cluster, dir, env, services, signal, say, style });
    for (const step of demoSteps(context)) {
      signal?.throwIfAborted();
      say(`\n${style.bold(step.title)}`);
      for (const note of (await step.prepare?.()) ?? []) say(style.dim(note));
      const args = await step.args();
      const result = await showCommand(args, { out, style, env, signal });
      await afterStep?.({ name: step.name, ...result, ...context });
      if (result.code !== 0)
        throw new Error(`\`tenon ${args.join(" ")}\` ended with ${result.code}`);
    }
  } finally {
    say(`\n${style.dim("… stopping the API server and the registry")}`);
    await Promise.all(services.map(stopService));
    await rm(dir, { recursive: true, force: true });
  }
  await afterStep?.({ name: "stop", dir });
  const spent = ((performance.now() - started) / 1000).toFixed(0);
  say(`${style.dim(`stopped after ${spent} s, nothing is left behind`)}\n`);
  say(summary(style));
}

/** The steps in order. Each gives the command line of one `tenon`. */
function demoSteps({ dir, registry }) {
  const url = `oci://${registry}/modules/app`;
  const values = path.join(dir, "values.yaml");
  const setReplicas = async (replicas) => {
    const text = `values:\n  message: Hello from the demo\n  replicas: ${replicas}\n`;
    await writeFile(values, text);
    return [`# ${values}`, ...text.trimEnd().split("\n")];
  };
  const instance = ["web", "-n", "demo"];
  const apply = ["apply", "web", url, "-v", "1.0.0", "-n", "demo", "-f", values];
  const step = (name, title, args, prepare) => ({ name, title, args: () => args, prepare });
  return [
    step("vet", "Check the module and all that it renders", ["mod", "vet", "modules/app"]),
    step("push", "Publish it", ["mod", "push", "modules/app", url, "-v", "1.0.0"]),
    {
      name: "pull",
      title: "Get it elsewhere, by the digest that it was published under",
      args: async () => {
        const digest = await digestOf(registry, "modules/app", "1.0.0");
        return ["mod", "pull", url, "-d", digest, "-o", path.join(dir, "pulled")];
      },
    },
    step("install", "Install version 1 of an instance", apply, () => setReplicas(1)),
    step("diff", "Change one value and look first", [...apply, "--diff", "--dry-run"], () =>
      setReplicas(2),
    ),
    step("upgrade", "Apply version 2: one object changes", apply),
    step("repeat", "Apply it again: nothing is written", apply),
    step("list", "What is installed", ["list", "-A"]),
    step("status", "How it is", ["status", ...instance]),
    step("inspect-module", "Where it came from", ["inspect", "module", ...instance]),
    step("inspect-values", "With which values", ["inspect", "values", ...instance]),
    step("inspect-resources", "What it owns", ["inspect", "resources", ...instance]),
    step("delete", "Remove it", ["delete", ...instance]),
  ];
}

/** The digest that the registry itself gives for a tag. */
async function digestOf(registry, repository, tag) {
  const response = await fetch(`http://${registry}/v2/${repository}/manifests/${tag}`, {
    method: "HEAD",
    headers: { accept: "application/vnd.oci.image.manifest.v1+json" },
  });
  return response.headers.get("docker-content-digest");
}

/** The environment of the commands: the user's, without what points at registries or clusters of theirs. */
function demoEnvironment(dir) {
  const foreign = /^(TENON_(?!ENGINE)|TIMONI_|KUBE)/;
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))),
    KUBECONFIG: path.join(dir, "cluster/kubeconfig"),
    DOCKER_CONFIG: path.join(dir, "docker"),
    TENON_CACHE_DIR: path.join(dir, "cache"),
  };
}

/** Whatever asked for colours, what goes through a pipe has none. */
function plainEnvironment(env) {
  return { ...env, FORCE_COLOR: undefined, NO_COLOR: "1" };
}

/** Prints a command line, runs it, and shows what it prints. */
async function showCommand(args, { out, style, env, signal }) {
  out.write(`${style.cyan(`$ tenon ${args.join(" ")}`)}\n`);
  // On a terminal the command has it for itself: with colours, and progress that is drawn in place.
  const output = out === process.stdout && out.isTTY ? "inherit" : "pipe";
  const child = spawn(process.execPath, [tenon, ...args], {
    cwd: repoRoot,
    env: output === "inherit" ? env : plainEnvironment(env),
    stdio: ["ignore", output, output],
  });
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name]?.setEncoding("utf8").on("data", (text) => {
      printed[name] += text;
      out.write(text);
    });
  }
  const stop = () => child.kill("SIGTERM");
  signal?.addEventListener("abort", stop, { once: true });
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  signal?.removeEventListener("abort", stop);
  signal?.throwIfAborted();
  return { args, code, ...printed };
}

async function startServices({ cluster, dir, env, services, signal, say, style }) {
  say(style.dim("… starting a registry and a Kubernetes API server"));
  const binary = cluster ?? (await buildCluster());
  const clusterDir = path.join(dir, "cluster");
  await mkdir(clusterDir);
  const serveRegistry = [tenon, "registry", "serve", "--address", "127.0.0.1:0", "-q"];
  const [registry, api] = await Promise.all([
    startService(process.execPath, serveRegistry, { env, services, signal }),
    startService(binary, ["serve", "--dir", clusterDir, "--exit-on-stdin-close"], {
      env,
      services,
      signal,
    }),
  ]);
  const { server, kubeconfig, auditLog, version } = JSON.parse(api);
  const host = /oci:\/\/(\S+)/.exec(registry)[1];
  say(`registry    oci://${host}`);
  say(`API server  ${server} (Kubernetes ${version})`);
  return { dir, registry: host, kubeconfig, auditLog };
}

/** Starts a server and returns the first line that it prints, which says that it is ready. */
function startService(command, args, { env, services, signal }) {
  // In a group of its own, so that Ctrl-C reaches it only after the command that talks to it.
  const child = spawn(command, args, {
    env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  services.push(child);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (said = (said + text).slice(-5000)));
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}\n${said}`)));
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

async function stopService(child) {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.stdin.end();
  child.kill("SIGTERM");
  const last = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await exited;
  clearTimeout(last);
}

function styleFor(out) {
  const coloured = out.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb";
  const code = (on, off) => (text) => (coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text);
  return { bold: code(1, 22), dim: code(2, 22), cyan: code(36, 39) };
}

function summary(style) {
  return `${style.bold("What you saw")}
  A typed module was checked, published, and got back by its digest; an instance of it was
  installed, upgraded by changing one object, applied again without a write, and removed.

${style.bold("What next")}
  npx tenon --help           every command
  npx tenon mod init my-app  a module of your own to start from
  docs/tutorial.md           how to make a module of a Deployment and a Service of yours
  modules/app/README.md      the values of the module that you saw`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
