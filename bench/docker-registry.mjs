// Debian's docker-registry, to measure against.
import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** Starts it on a folder that it makes; `clear` takes all away that was pushed. */
export async function startDockerRegistry(program, folder) {
  await mkdir(folder, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const data = path.join(folder, "data");
  const file = path.join(folder, "config.json");
  const config = {
    version: 0.1,
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data } },
    http: { addr: host },
  };
  await writeFile(file, JSON.stringify(config));
  const env = { ...process.env, OTEL_TRACES_EXPORTER: "none" };
  const child = spawn(program, ["serve", file], { stdio: "ignore", env });
  const isUp = () =>
    fetch(`http://${host}/v2/`).then(
      () => true,
      () => false,
    );
  for (let tries = 0; !(await isUp()); tries++) {
    if (tries === 200) throw new Error("docker-registry does not answer");
    await wait(50);
  }
  return { host, child, clear: () => rm(data, { recursive: true, force: true }) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
