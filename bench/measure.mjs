import { spawnSync } from "node:child_process";

/** Milliseconds that a command takes. Throws when it fails. */
export function timeCommand([command, ...args], options = {}) {
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: exit ${status}\n${stderr}`);
  return performance.now() - start;
}

/**
 * Runs two ways of doing a thing in turns, because other work on the machine hits both then, and
 * returns the medians in milliseconds.
 */
export async function compare(ours, theirs, { runs = 7 } = {}) {
  const times = { ours: [], theirs: [] };
  await ours();
  await theirs();
  for (let i = 0; i < runs; i++) {
    times.ours.push(await ours());
    times.theirs.push(await theirs());
  }
  return { ours: median(times.ours), theirs: median(times.theirs) };
}

/** Prints one line of the report. */
export function report(title, { ours, theirs }, note = "") {
  const ratio = (ours / theirs).toFixed(2);
  console.log(
    `${title.padEnd(58)} ${ratio.padStart(7)}x   (${ours.toFixed(0)} ms against ${theirs.toFixed(0)} ms)${note}`,
  );
}

/** The middle one of some numbers. */
export function median(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}
