import { formatDuration, suggest } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import { commandLoaders } from "./commands/index.ts";
import { openContext } from "./context.ts";
import type { Command, CommandResult, FlagData, OutputFormat } from "./define-command.ts";
import { CliError, usageError } from "./errors.ts";
import type { Io } from "./io.ts";
import { loadManifest } from "./load-manifest.ts";
import type { Manifest } from "./manifest.ts";
import { quickAnswer } from "./quick-answer.ts";
import { formatResult } from "./render/format-result.ts";
import { type ReportFormat, isReportFormat, reportFormats } from "./render/report/report-format.ts";
import { type ReportOptions, redact, reportError, reportFailures } from "./report-error.ts";
import { childrenOf, lastWord, resolveCommand } from "./resolve-command.ts";

/** What a program that runs many command lines keeps between them. */
export interface RunOptions {
  /** Evaluates all of them; each has an engine of its own unless given. It has limits of its own. */
  readonly engine?: Engine | undefined;
}

/**
 * Runs one command line.
 *
 * @returns the exit code; whatever goes wrong is reported on `io.stderr`
 * @example
 * process.exitCode = await run(["mod", "list", "oci://ghcr.io/org/app"], processIo(signal));
 */
export async function run(
  argv: readonly string[],
  io: Io,
  { engine }: RunOptions = {},
): Promise<number> {
  const report = {
    engine,
    command: "",
    format: outputOf(argv),
    noColor: argv.includes("--no-color"),
    secrets: [] as string[],
    done: [] as string[],
  };
  try {
    const manifest = await loadManifest();
    if (argv[0] === "__complete") {
      const { completionAnswer } = await import("./completion/answer.ts");
      io.stdout.write(await completionAnswer(argv.slice(1), manifest, io));
      return 0;
    }
    const answer = quickAnswer(argv, manifest);
    if (answer !== undefined) {
      io.stdout.write(answer);
      return 0;
    }
    const { command, rest } = await findCommand(argv, manifest);
    return await runCommand(command, rest, io, report);
  } catch (error) {
    if (isReportFormat(report.format)) {
      await writeReport(report.format, { io, report, result: { failures: [{ error }] } });
    }
    return reportError(error, io, report);
  }
}

/** What a failure or a report has to know of the run. */
interface RunReport extends ReportOptions {
  /** The command, once it is known. */
  command: string;
  readonly secrets: string[];
}

/** Paths start from the checkout in GitHub Actions, where its annotations are shown. */
async function writeReport(
  format: ReportFormat,
  {
    io,
    report,
    result,
  }: {
    readonly io: Io;
    readonly report: RunReport;
    readonly result: CommandResult;
  },
): Promise<void> {
  const { findingsOf, reportText } = await import("./render/report/report.ts");
  const { client: version } = (await loadManifest()).about;
  const root = io.env["GITHUB_WORKSPACE"] || undefined;
  const { passed = [] } = result.checked ?? {};
  const findings = findingsOf(result);
  const text = reportText({ name: report.command, version, passed, findings, root }, format);
  io.stdout.write(redact(text, report.secrets));
}

async function runCommand(
  command: Command,
  argv: readonly string[],
  io: Io,
  report: RunReport & { readonly done: string[]; readonly engine: Engine | undefined },
): Promise<number> {
  report.command = command.name;
  const { parseCommandLine } = await import("./yargs-adapter.ts");
  const { input, globals, secrets } = await parseCommandLine(command, argv);
  report.secrets.push(...secrets);
  const format = formatOf(command, input.flags["output"]);
  const signal = signalFor(command, io, globals.timeout);
  await using context = openContext({ ...report, io, globals, format, signal });
  const result = await command.run(input, context).catch((error: unknown) => {
    throw isTimeout(signal, io) ? timeoutError(command, globals.timeout) : error;
  });
  context.talk.clear();
  if (format === "text" || isReportFormat(format)) {
    reportFailures(result.failures ?? [], io, { ...report, format });
  }
  if (isReportFormat(format)) {
    await writeReport(format, { io, report, result });
  } else {
    io.stdout.write(await formatResult(result, format));
  }
  return result.exitCode ?? 0;
}

/** Clusters are waited for with the time limit of their own; what remains is limited as a whole. */
function signalFor(command: Command, io: Io, timeoutMs: number): AbortSignal {
  if (command.endless || command.cluster) return io.signal;
  return AbortSignal.any([io.signal, AbortSignal.timeout(timeoutMs)]);
}

function isTimeout(signal: AbortSignal, io: Io): boolean {
  return signal.aborted && !io.signal.aborted;
}

function timeoutError(command: Command, timeoutMs: number): CliError {
  return new CliError(
    "CLI_TIMEOUT",
    `Cannot finish tenon ${command.name}: it took longer than ${formatDuration(timeoutMs)}`,
    { hint: "Raise the limit with --timeout" },
  );
}

/** Commands may have an `--output` of their own, which then names files or some of its choices. */
function formatOf(command: Command, output: FlagData): OutputFormat {
  const formats: readonly string[] = command.output ?? command.flags["output"]?.choices ?? [];
  const given = [output].flat().findLast((text) => formats.includes(String(text)));
  return (given ?? "text") as OutputFormat;
}

async function findCommand(
  argv: readonly string[],
  manifest: Manifest,
): Promise<{ command: Command; rest: readonly string[] }> {
  const resolution = resolveCommand(argv, manifest);
  if ("unknown" in resolution) {
    const { unknown, group } = resolution;
    const words = childrenOf(group, manifest).flatMap((entry) => [
      lastWord(entry),
      ...entry.aliases,
    ]);
    const near = suggest(unknown, words);
    const name = ["tenon", group.path].filter(Boolean).join(" ");
    throw usageError(
      group.path,
      `Unknown command ${JSON.stringify(unknown)} for ${name}`,
      near === undefined ? undefined : `Did you mean \`${name} ${near}\`?`,
    );
  }
  const { entry, rest } = resolution;
  const load = commandLoaders[entry.path];
  if (load === undefined) {
    throw usageError(entry.path, `Unknown flag ${rest[0] ?? ""}: no command is named`);
  }
  return { command: await load(), rest };
}

const outputFlag = new RegExp(` (?:-o|--output)[ =]?(${["json", ...reportFormats].join("|")}) `);

/** The output format that a command line asks for, found without parsing it. */
function outputOf(argv: readonly string[]): OutputFormat {
  const text = ` ${argv.join(" ")} `;
  const [, format = "text"] = outputFlag.exec(text) ?? [];
  return format as OutputFormat;
}
