import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** A real registry, running. */
export interface DockerRegistry extends AsyncDisposable {
  readonly host: string;
}

/** Path of a `docker-registry` program, or why there is none. */
export function findDockerRegistry(): { readonly path: string } | { readonly reason: string } {
  const given = process.env["TENON_TEST_DOCKER_REGISTRY"];
  for (const path of given === undefined ? ["docker-registry"] : [given]) {
    try {
      execFileSync(path, ["--version"], { stdio: "ignore" });
      return { path };
    } catch {
      // Looked for further, or told as the reason.
    }
  }
  return { reason: "docker-registry is not installed (apt-get install docker-registry)" };
}

/** Starts it on a free port with its data in a folder that goes away with it. */
export async function startDockerRegistry(path: string): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "tenon-docker-registry-"));
  const host = `127.0.0.1:${await freePort()}`;
  const config = {
    version: 0.1,
    log: { level: "error" },
    storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
    http: { addr: host },
  };
  await writeFile(join(folder, "config.yml"), JSON.stringify(config));
  const child = spawn(path, ["serve", join(folder, "config.yml")], { stdio: "ignore" });
  await untilReady(host, child);
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

async function untilReady(host: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`docker-registry ended with ${child.exitCode}`);
    try {
      await fetch(`http://${host}/v2/`);
      return;
    } catch {
      await wait(50);
    }
  }
  throw new Error("docker-registry does not answer");
}
