import { run } from "@tenon/cli";
import type { Engine } from "@tenon/cue-wasm";
import {
  type Registry,
  type RegistryServer,
  createMemoryRegistry,
  serveRegistry,
} from "@tenon/oci";

import { moduleFiles } from "./published-modules.ts";
import { type TempDir, tempDir } from "./temp-dir.ts";

/** What a command line gave. */
export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a version of the module `org/app` is published. */
export interface PushOptions {
  /** The version of `example.com/lib` that it requires. */
  readonly requires?: string;
  /** What its object says, the version unless given. */
  readonly release?: string;
  readonly flags?: readonly string[];
}

/** A registry with versions of a module, and a folder in which command lines run in this process. */
export class ModuleRegistry implements AsyncDisposable {
  readonly registry: Registry;
  readonly dir: TempDir;
  readonly env: Record<string, string>;
  /** Method and path of each request that the registry got. */
  readonly requests: string[];
  readonly #engine: Engine;
  readonly #server: RegistryServer;

  private constructor(
    engine: Engine,
    parts: Pick<ModuleRegistry, "registry" | "dir" | "requests">,
    server: RegistryServer,
  ) {
    this.#engine = engine;
    this.#server = server;
    this.registry = parts.registry;
    this.dir = parts.dir;
    this.requests = parts.requests;
    this.env = {
      HOME: this.dir.path,
      CUE_REGISTRY: `${server.host}/cue+insecure`,
      TENON_CACHE_DIR: this.dir.file("cache"),
    };
  }

  static async start(engine: Engine): Promise<ModuleRegistry> {
    const registry = createMemoryRegistry();
    const requests: string[] = [];
    const server = await serveRegistry(registry, {
      onRequest: ({ method, path }) => requests.push(`${method} ${path}`),
    });
    return new ModuleRegistry(engine, { registry, dir: await tempDir(), requests }, server);
  }

  get host(): string {
    return this.#server.host;
  }

  /** Of the module. */
  get url(): string {
    return `oci://${this.host}/org/app`;
  }

  /** Runs a command line. */
  async tenon(...args: string[]): Promise<Printed> {
    const printed = { stdout: "", stderr: "" };
    const sink = (name: keyof typeof printed) => ({
      isTTY: false,
      columns: 80,
      write: (text: string) => void (printed[name] += text),
    });
    const io = {
      stdout: sink("stdout"),
      stderr: sink("stderr"),
      stdin: () => Promise.resolve(Buffer.from("")),
      stdinIsTTY: false,
      readLine: () => Promise.resolve(""),
      env: this.env,
      signal: new AbortController().signal,
    };
    const code = await run(args, io, { engine: this.#engine });
    return { code, ...printed };
  }

  /** Writes the module into a folder. */
  async writeModule(folder: string, version: string, options: PushOptions = {}): Promise<void> {
    const files = Object.entries(moduleFiles(options.release ?? version, options));
    const named = files.map(([name, text]) => [`${folder}/${name}`, text]);
    await this.dir.write(Object.fromEntries(named) as Record<string, string>);
  }

  /** Publishes a version of the module and gives its digest. */
  async push(version: string, options: PushOptions = {}): Promise<string> {
    await this.writeModule("app", version, options);
    const args = ["mod", "push", this.dir.file("app"), this.url, "-v", version, "-o", "json"];
    const { code, stdout, stderr } = await this.tenon(...args, ...(options.flags ?? []));
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as { digest: string }).digest;
  }

  /** Writes `b/bundle.cue`, or `b/NAME.cue`, with an instance of the module for each version. */
  async writeBundle(versions: Readonly<Record<string, string>>, name?: string): Promise<string> {
    const instances = Object.entries(versions).map(
      ([instance, version]) =>
        `\t${instance}: {\n\t\tmodule: {url: "${this.url}", version: "${version}"}\n\t\tnamespace: "apps"\n\t}\n`,
    );
    const head = `bundle: {apiVersion: "v1alpha1", name: "${name ?? "shop"}"}\n`;
    const text = `${head}bundle: instances: {\n${instances.join("")}}\n`;
    return this.dir.write({ [`b/${name ?? "bundle"}.cue`]: text });
  }

  /** A text with what differs between runs replaced. */
  shown(text: string): string {
    return text
      .replaceAll(this.host, "HOST")
      .replaceAll(this.host.replace(":", "_"), "HOST")
      .replaceAll(this.dir.path, "DIR")
      .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:…");
  }

  async stop(): Promise<void> {
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.dir[Symbol.asyncDispose]();
  }
}
