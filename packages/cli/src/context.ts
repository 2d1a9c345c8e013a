import path from "node:path";

import type { Engine, EvaluationCost } from "@tenon/cue-wasm";
import type { DeployContext, RegistryContext, TrustSettings } from "@tenon/deploy";
import type { LoadKubeConfigOptions } from "@tenon/kube";

import type { OutputFormat } from "./define-command.ts";
import { environmentOf, isSwitchedOn } from "./environment.ts";
import { CliError } from "./errors.ts";
import type { Globals } from "./global-flags.ts";
import type { Io } from "./io.ts";
import { loadManifest } from "./load-manifest.ts";
import { type Paint, paintFor } from "./render/paint.ts";
import { progressListener } from "./render/progress.ts";
import { createTalk, type Talk } from "./render/talk.ts";
import { timingsTable } from "./render/timings.ts";

/** What a command runs with. */
export interface CommandContext extends AsyncDisposable {
  readonly io: Io;
  readonly globals: Globals;
  /** How the result will be printed. */
  readonly format: OutputFormat;
  /** Ends the command: on an interruption, or after `--timeout`. */
  readonly signal: AbortSignal;
  /** Colours for stdout. */
  readonly paint: Paint;
  /** Colours for stderr. */
  readonly errPaint: Paint;
  readonly talk: Talk;
  /** What the use cases of @tenon/deploy run with. */
  deploy(options?: {
    readonly dryRun?: boolean;
    /** Take images from where the mirror table says. */
    readonly rewriteImages?: boolean;
  }): Promise<DeployContext>;
  /** What those of them run with that evaluate nothing. */
  registry(): Promise<RegistryContext>;
  /** Which cluster to talk to, and as whom. */
  cluster(): LoadKubeConfigOptions;
}

/** What {@link openContext} makes a context of. */
export interface ContextOptions {
  readonly io: Io;
  readonly globals: Globals;
  readonly format: OutputFormat;
  readonly signal: AbortSignal;
  /** Collects what was done, for the case that the rest is not. */
  readonly done: string[];
  /** An engine that goes on after the command. */
  readonly engine?: Engine | undefined;
}

/** Makes the context of one command; dispose it when the command has ended. */
export function openContext(options: ContextOptions): CommandContext {
  const { io, globals, signal, done } = options;
  const errPaint = paintFor(io.stderr, io, globals["no-color"]);
  // Programs that read JSON on stdout find nothing but JSON on stderr when it fails.
  const isForProgram = options.format === "json" && !io.stderr.isTTY;
  const talk = createTalk(io, errPaint, globals.quiet || isForProgram);
  let own: Promise<Engine> | undefined;
  const costs: EvaluationCost[] = [];
  let trust: TrustSettings | undefined;
  const registryCache: RegistryContext["registryCache"] = new Map();
  const pushCost = (cost: EvaluationCost): number => costs.push(cost);
  const withoutEngine = async (dryRun: boolean): Promise<RegistryContext> => ({
    env: io.env,
    signal,
    cacheDir: cacheDirOf(io, globals),
    stateDir: keepsEvidence(io) ? stateDirOf(io) : undefined,
    trust: (trust ??= trustSettings(io, globals)),
    version: (await loadManifest()).about.client,
    insecureRegistry: globals["registry-insecure"],
    registriesConf: globals["registries-conf"],
    offline: globals.offline || isSwitchedOn(io.env, "TENON_OFFLINE"),
    vendorDir: globals["vendor-dir"] ?? (io.env["TENON_VENDOR_DIR"] || undefined),
    registryCache,
    limits: { deadlineMs: globals["eval-timeout"], memoryMiB: globals["eval-memory"] },
    onEvent: progressListener({ talk, paint: errPaint, live: io.stderr.isTTY, done, dryRun }),
  });
  return {
    io,
    globals,
    format: options.format,
    signal,
    errPaint,
    paint: paintFor(io.stdout, io, globals["no-color"]),
    talk,
    async deploy({ dryRun = false, rewriteImages = false } = {}) {
      return {
        ...(await withoutEngine(dryRun)),
        rewriteImages,
        engine: options.engine ?? (await (own ??= openEngine(io, globals, pushCost))),
      };
    },
    registry: () => withoutEngine(false),
    cluster: () => clusterOptions(io, globals),
    async [Symbol.asyncDispose]() {
      talk.clear();
      if (globals.timings) io.stderr.write(timingsTable(costs));
      (await own?.catch(() => undefined))?.close();
    },
  };
}

async function openEngine(
  io: Io,
  globals: Globals,
  onEvaluated: (cost: EvaluationCost) => void,
): Promise<Engine> {
  const kind = io.env["TENON_ENGINE"] || "auto";
  if (kind !== "auto" && kind !== "wasm" && kind !== "native") {
    throw new CliError(
      "CLI_ENVIRONMENT_INVALID",
      `TENON_ENGINE cannot be ${JSON.stringify(kind)}: expected auto, wasm or native`,
    );
  }
  const { createEngine } = await import("@tenon/cue-wasm");
  const engine = await createEngine({
    kind,
    deadlineMs: globals["eval-timeout"],
    memoryMiB: globals["eval-memory"],
    onEvaluated,
  });
  engine.warmUp();
  return engine;
}

function cacheDirOf(io: Io, globals: Globals): string {
  const home = io.env["XDG_CACHE_HOME"] || path.join(environmentOf({ io }).home, ".cache");
  return globals["cache-dir"] ?? (io.env["TENON_CACHE_DIR"] || path.join(home, "tenon"));
}

function trustSettings(io: Io, globals: Globals): TrustSettings {
  return {
    file: globals["trust-policy"] ?? (io.env["TENON_TRUST_POLICY"] || undefined),
    workingDir: process.cwd(),
    configDir: configDirOf(io),
    seenDir: path.join(stateDirOf(io), "tags"),
  };
}

function configDirOf(io: Io): string {
  const home = io.env["XDG_CONFIG_HOME"] || path.join(environmentOf({ io }).home, ".config");
  return path.join(home, "tenon");
}

/** What was found out about failures may hold logs: it can be kept from being written. */
function keepsEvidence(io: Io): boolean {
  return !/^(0|false|off|no)$/i.test(io.env["TENON_EVIDENCE"] ?? "");
}

function stateDirOf(io: Io): string {
  const home = io.env["XDG_STATE_HOME"] || path.join(environmentOf({ io }).home, ".local", "state");
  return io.env["TENON_STATE_DIR"] || path.join(home, "tenon");
}

function clusterOptions(io: Io, globals: Globals): LoadKubeConfigOptions {
  const groups = globals["kube-as-group"];
  return {
    env: io.env,
    kubeconfig: globals.kubeconfig,
    context: globals["kube-context"],
    namespace: globals.namespace,
    server: globals["kube-server"],
    token: globals["kube-token"],
    as: globals["kube-as"],
    asUid: globals["kube-as-uid"],
    asGroups: groups.length > 0 ? groups : undefined,
    tlsServerName: globals["kube-tls-server-name"],
    certificateAuthority: globals["kube-certificate-authority"],
    clientCertificate: globals["kube-client-certificate"],
    clientKey: globals["kube-client-key"],
    insecureSkipTlsVerify: globals["kube-insecure-skip-tls-verify"] || undefined,
    interactive: io.stdinIsTTY,
  };
}
