import { spawnSync } from "node:child_process";

const wanted = [
  {
    name: "Node.js",
    least: [20, 19],
    found: () => process.versions.node,
    fix: "install Node.js 20.19 or newer from https://nodejs.org",
  },
  {
    name: "Go",
    least: [1, 26],
    found: () =>
      /go(\d[\d.]*)/.exec(
        spawnSync("go", ["env", "GOVERSION"], { encoding: "utf8" }).stdout ?? "",
      )?.[1],
    fix: "install Go 1.26 or newer from https://go.dev/dl and have it on PATH",
  },
];

/** Ends the process with one sentence when something that the checkout needs is missing or too old. */
export function requirePrerequisites() {
  for (const { name, least, found, fix } of wanted) {
    const version = found();
    if (version !== undefined && isAtLeast(version, least)) continue;
    const state = version === undefined ? "is not installed" : `${version} is too old`;
    console.error(`${name} ${state}: ${fix}.`);
    process.exit(1);
  }
}

function isAtLeast(version, least) {
  const parts = version.split(".").map(Number);
  return parts[0] > least[0] || (parts[0] === least[0] && parts[1] >= least[1]);
}
