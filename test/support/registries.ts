import { eventually } from "./eventually.ts";
import { freePort, startServer } from "./start-server.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";
import { cleanEnvironment, tenonBin } from "./tenon.ts";
import { toolPath } from "./tools.ts";

/** A registry that runs for a test. */
export interface TestRegistry extends AsyncDisposable {
  /** Host and port. */
  readonly host: string;
}

/** Starts Debian's docker-registry. */
export async function startDockerRegistry(): Promise<TestRegistry> {
  const dir = await tempDir();
  const host = `127.0.0.1:${await freePort()}`;
  const config = await dir.write({ "config.yml": dockerConfig(dir, host) });
  const server = await startServer(toolPath("TENON_TEST_DOCKER_REGISTRY"), ["serve", config], {
    env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    silent: true,
  });
  const isUp = (): Promise<true | undefined> =>
    fetch(`http://${host}/v2/`).then(
      (response) => (response.ok ? true : undefined),
      () => undefined,
    );
  await eventually(isUp, { what: "docker-registry" });
  return {
    host,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Starts `tenon registry serve` on a folder. */
export async function startEmbeddedRegistry(): Promise<TestRegistry> {
  const dir = await tempDir();
  const args = ["registry", "serve", "--address", "127.0.0.1:0", "--dir", dir.file("data"), "-q"];
  const server = await startServer(process.execPath, [tenonBin, ...args], {
    env: cleanEnvironment(),
  });
  const host = /oci:\/\/(\S+)/.exec(server.firstLine)?.[1];
  if (host === undefined) throw new Error(`no address in ${JSON.stringify(server.firstLine)}`);
  return {
    host,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

function dockerConfig(dir: TempDir, host: string): string {
  return `version: 0.1
log: { level: error }
storage:
  filesystem: { rootdirectory: ${dir.file("data")} }
  delete: { enabled: true }
http: { addr: "${host}" }
`;
}
