// Moves images between OCI layouts and Debian's docker-registry with Tenon, crane and skopeo, in turns.
import { spawn, spawnSync } from "node:child_process";
import { createHash, randomFillSync } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { startDockerRegistry } from "./docker-registry.mjs";
import { median, timeCommand } from "./measure.mjs";

const runs = Number(process.env.TENON_BENCH_RUNS ?? 5);
const images = [
  { name: "1 GiB in 20 blobs", blobs: 20, bytes: 1024 ** 3 / 20 },
  { name: "2000 blobs of 4 KiB", blobs: 2000, bytes: 4096 },
];

/**
 * Measures push, pull, and copy from registry to registry; `script` is the bundled transfer.ts. Push and pull of
 * ours use the library in a process of its own, as crane and skopeo are; the copy is `tenon artifact copy`.
 */
export async function registry({ tools, tenon, scratch, script, only = "" }) {
  const start = (name) =>
    startDockerRegistry(tools.TENON_TEST_DOCKER_REGISTRY, path.join(scratch, name));
  const source = await start("source");
  const target = await start("target");
  const clearTarget = async () => {
    await target.clear();
    writeBack();
  };
  try {
    for (const [index, image] of images.entries()) {
      if (!image.name.includes(only)) continue;
      const layout = path.join(scratch, `layout-${index}`);
      await writeImage(layout, image);
      await measure(image, { layout, repository: `image-${index}` });
      await rm(layout, { recursive: true });
    }
  } finally {
    source.child.kill();
    target.child.kill();
  }

  async function measure({ name }, { layout, repository }) {
    const out = path.join(scratch, "pulled");
    const crane = (...args) => [tools.TENON_TEST_CRANE, ...args, "--insecure"];
    const skopeo = (...args) => [
      tools.TENON_TEST_SKOPEO,
      "copy",
      "-q",
      "--src-tls-verify=false",
      "--dest-tls-verify=false",
      ...args,
    ];
    const at = ({ host }) => `${host}/${repository}:1`;
    const ours = (...args) => [process.execPath, script, ...args];
    await turns(`push of ${name}`, clearTarget, {
      tenon: ours("push", layout, target.host, repository, "1"),
      crane: crane("push", layout, at(target)),
      skopeo: skopeo(`oci:${layout}:1`, `docker://${at(target)}`),
    });
    timeCommand(ours("push", layout, source.host, repository, "1"));
    const removePulled = async () => {
      await rm(out, { recursive: true, force: true });
      writeBack();
    };
    await turns(`pull of ${name}`, removePulled, {
      tenon: ours("pull", out, source.host, repository, "1"),
      crane: crane("pull", "--format", "oci", at(source), out),
      skopeo: skopeo(`docker://${at(source)}`, `oci:${out}:1`),
    });
    await removePulled();
    await turns(`copy of ${name} between registries`, clearTarget, {
      tenon: [...tenon, "artifact", "copy", `oci://${at(source)}`, `oci://${at(target)}`],
      crane: crane("copy", at(source), at(target)),
      skopeo: skopeo(`docker://${at(source)}`, `docker://${at(target)}`),
    });
    await source.clear();
    await target.clear();
  }
}

/** Runs the commands in turns and prints the median of each, and the peak memory of each. */
async function turns(title, prepare, commands) {
  const found = Object.fromEntries(Object.keys(commands).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    for (const [name, command] of Object.entries(commands)) {
      const fastest = Math.min(...Object.values(found).flatMap((all) => all.map(({ ms }) => ms)));
      // Who takes ten times as long is not waited for, and not asked again.
      if (found[name].some(({ ms }) => ms >= 10 * fastest)) continue;
      await prepare();
      found[name].push(await timeAndMemory(command, 10 * fastest));
    }
  }
  const medians = Object.entries(found).map(([name, all]) => [
    name,
    median(all.map(({ ms }) => ms)),
    Math.max(...all.map(({ mib }) => mib)),
  ]);
  const [[, own], ...others] = medians;
  const best = Math.min(...others.map(([, ms]) => ms));
  const texts = medians.map(
    ([name, ms, mib]) => `${name} ${ms.toFixed(0)} ms ${mib.toFixed(0)} MiB`,
  );
  console.log(
    `${title.padEnd(58)} ${(own / best).toFixed(2).padStart(7)}x   (${texts.join(", ")})`,
  );
}

/**
 * Runs a command, and kills it after `most` milliseconds. Linux tells the most memory that a process ever had as
 * VmHWM; it is read until the process ends.
 */
function timeAndMemory([command, ...args], most) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
    let mib = 0;
    let stderr = "";
    child.stderr.on("data", (chunk) => (stderr += chunk));
    const sample = async () => {
      const status = await readFile(`/proc/${child.pid}/status`, "utf8").catch(() => "");
      mib = Math.max(mib, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
    };
    const timer = setInterval(sample, 20);
    const deadline = Number.isFinite(most) && setTimeout(() => child.kill("SIGKILL"), most);
    child.once("close", (code, signal) => {
      clearInterval(timer);
      clearTimeout(deadline);
      const ms = performance.now() - start;
      if (code === 0 || (signal === "SIGKILL" && ms >= most)) resolve({ ms, mib });
      else reject(new Error(`${command} ${args.join(" ")}: exit ${code}\n${stderr}`));
    });
  });
}

/** Writes an image of random layers as an OCI layout. */
async function writeImage(dir, { blobs, bytes }) {
  const folder = path.join(dir, "blobs/sha256");
  await mkdir(folder, { recursive: true });
  const put = async (content) => {
    const hex = createHash("sha256").update(content).digest("hex");
    await writeFile(path.join(folder, hex), content);
    return { digest: `sha256:${hex}`, size: content.length };
  };
  const layers = [];
  const content = Buffer.alloc(bytes);
  for (let count = 0; count < blobs; count++) {
    randomFillSync(content);
    const mediaType = "application/vnd.oci.image.layer.v1.tar+gzip";
    layers.push({ mediaType, ...(await put(content)) });
  }
  const json = (value) => Buffer.from(JSON.stringify(value));
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const config = await put(json({ architecture: "amd64", os: "linux", config: {}, rootfs }));
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const manifest = await put(
    json({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
      layers,
    }),
  );
  const annotations = { "org.opencontainers.image.ref.name": "1" };
  const index = { schemaVersion: 2, manifests: [{ mediaType, ...manifest, annotations }] };
  await writeFile(path.join(dir, "index.json"), json(index));
  await writeFile(path.join(dir, "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
}

/** What is still to be written to the disk would count against who comes next. */
function writeBack() {
  spawnSync("sync");
}
