// How memory and time grow with the number of instances of a bundle: those of the engine should not
// grow; what is rendered is held by the command line.
import { spawn } from "node:child_process";
import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";

const sizes = [50, 500];

/** Builds and checks bundles of modules/app and modules/redis, half of each. Prints MiB and seconds. */
export async function many({ tenon, scratch, modules }) {
  for (const size of sizes) await writeFile(fileOf(size), JSON.stringify(bundleOf(size)));
  const rows = [];
  for (const command of ["build", "vet"]) {
    for (const engine of ["native", "wasm"]) {
      const measured = [];
      for (const size of sizes) {
        const line = [...tenon, "bundle", command, "-f", fileOf(size)];
        measured.push({ command, engine, instances: size, ...(await measure(line, engine)) });
      }
      const [few, lots] = measured;
      const ratio = (key) => Number((lots[key] / few[key]).toFixed(2));
      const ratios = { seconds: ratio("seconds"), cli: ratio("cli"), engines: ratio("engines") };
      rows.push(...measured, { command, engine, instances: "ratio", ...ratios });
    }
  }
  console.table(rows);

  function fileOf(size) {
    return path.join(scratch, `many-${size}.json`);
  }

  function bundleOf(size) {
    const instances = Array.from({ length: size }, (_, index) => {
      const name = index % 2 === 0 ? "app" : "redis";
      const module = { url: `file://${path.join(modules, name)}` };
      return [`${name}-${index}`, { module, namespace: `team-${index % 20}`, values: {} }];
    });
    const bundle = { apiVersion: "v1alpha1", name: "many" };
    return { bundle: { ...bundle, instances: Object.fromEntries(instances) } };
  }
}

/** The engine that is WebAssembly runs inside the command line. */
async function measure([program, ...args], engine) {
  const started = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, TENON_ENGINE: engine },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const peaks = new Map();
  const timer = setInterval(() => void sample(child.pid, peaks), 50);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}`);
  const cli = peaks.get(child.pid);
  const all = [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  return { seconds, cli, engines: all - cli };
}

/** Notes the peak of the resident memory of a process and of its children, in MiB. */
async function sample(root, peaks) {
  for (const pid of [root, ...(await childrenOf(root))]) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const [, peak] = /VmHWM:\s+(\d+)/.exec(status) ?? [];
    if (peak !== undefined) peaks.set(pid, Math.round(Number(peak) / 1024));
  }
}

async function childrenOf(pid) {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => []);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.trim().split(/\s+/).filter(Boolean).map(Number));
}
