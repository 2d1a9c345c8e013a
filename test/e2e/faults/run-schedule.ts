import type { ProcessResult } from "../../support/run-process.ts";
import type { ApiConnection } from "./api-connection.ts";
import { checkEnd, checkInventory, checkNoop, checkOneOfBoth, checkProcess } from "./checks.ts";
import type { Expected } from "./expected.ts";
import { makeForeign, makeNamespace } from "./foreign.ts";
import { Lab } from "./lab.ts";
import { scenarios } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { type Fault, type Schedule, mustSucceed, scheduleOf } from "./schedule.ts";
import { SecondActor } from "./second-actor.ts";
import { foreignOf, snapshotOf } from "./snapshot.ts";

/** What a schedule came to. */
export interface Outcome {
  readonly schedule: Schedule;
  /** The kinds of what went wrong. */
  readonly struck: readonly Fault["kind"][];
  /** What was injected and what was said to it, as text. */
  readonly log: string;
  /** What does not hold; nothing when all is well. */
  readonly failure?: string | undefined;
}

/** Runs the schedule of a seed: disturbed runs, then a clean one, then the checks. */
export async function runSchedule(
  seed: number,
  via: { readonly connection: ApiConnection; readonly expected: Expected },
): Promise<Outcome> {
  const schedule = scheduleOf(seed);
  await using lab = await Lab.start(via.connection);
  const trial = new Trial(lab, schedule, await scenarios[schedule.scenario](lab, schedule));
  let failure: string | undefined;
  try {
    await trial.run(via.expected);
  } catch (error) {
    failure = explain(error);
  }
  return { schedule, struck: lab.proxy.struck, log: trial.log.join("\n"), failure };
}

class Trial {
  readonly log: string[] = [];
  readonly #lab: Lab;
  readonly #schedule: Schedule;
  readonly #scenario: Scenario;
  readonly #actor: SecondActor;
  readonly #started = performance.now();

  constructor(lab: Lab, schedule: Schedule, scenario: Scenario) {
    this.#lab = lab;
    this.#schedule = schedule;
    this.#scenario = scenario;
    this.#actor = new SecondActor(lab, scenario);
  }

  async run(expected: Expected): Promise<void> {
    const { foreign, rounds, checkNoop: repeat } = this.#schedule;
    if (foreign) {
      await makeNamespace(this.#lab);
      await makeForeign(this.#lab);
    }
    await this.#scenario.prepare();
    const others = foreignOf(await snapshotOf(this.#lab));
    for (const faults of rounds) await this.#disturbed(faults, expected);
    await this.#clean();
    const { marks } = this.#actor;
    await checkEnd(this.#lab, { expected: await expected.of(this.#schedule), others, marks });
    if (repeat) {
      const { code } = this.#keep("repeat", await this.#lab.run(this.#command("60s")));
      checkNoop(this.#lab, code === 0 || this.#schedule.scenario === "delete");
    }
  }

  async #disturbed(faults: readonly Fault[], expected: Expected): Promise<void> {
    const { proxy } = this.#lab;
    const strict = mustSucceed(faults) && !this.#actor.edited;
    let killed = false;
    const seen = proxy.log.length;
    proxy.begin(faults, {
      kill: () => {
        killed = true;
        running.child.kill("SIGKILL");
      },
      act: (fault) => this.#actor.act(fault),
    });
    const running = this.#lab.start(this.#command(strict ? "60s" : "6s"));
    const result = await running.result.finally(() => this.log.push(...proxy.log.slice(seen)));
    await proxy.idle();
    const seconds = await this.#actor.finish();
    this.#keep("disturbed run", result);
    for (const second of seconds) this.#keep("second run", second);
    await checkInventory(this.#lab);
    checkProcess(this.#lab, result, killed);
    for (const second of seconds) checkProcess(this.#lab, second, false);
    if (strict && !this.#succeeded(result)) throw new Error("The run does not ride this out");
    const bothEnded = [result, ...seconds].every(({ code }) => code === 0);
    const alone = faults.every(({ kind }) => kind !== "edit" && kind !== "delete-object");
    if (seconds.length === 0 || !bothEnded || !alone) return;
    const both = [await expected.of(this.#schedule), await expected.of(this.#schedule, "other")];
    await checkOneOfBoth(this.#lab, both);
  }

  /** The next run completes what the disturbed ones have left. */
  async #clean(): Promise<void> {
    const first = await this.#undisturbed("clean run");
    if (this.#succeeded(first)) return;
    // What somebody has changed before it was ours is taken back on demand alone.
    const held = this.#actor.edited && first.stderr.includes("[KUBE_CONFLICT]");
    if (held && this.#succeeded(await this.#undisturbed("clean run by force", true))) return;
    throw new Error("The next run, undisturbed, does not succeed");
  }

  async #undisturbed(title: string, force = false): Promise<ProcessResult> {
    const result = this.#keep(title, await this.#lab.run(this.#command("60s", force)));
    checkProcess(this.#lab, result, false);
    return result;
  }

  #command(timeout: string, force = false): string[] {
    const command = this.#scenario.command("same", timeout);
    return force ? [...command, "--force-conflicts"] : command;
  }

  /** What is deleted already cannot be deleted any more. */
  #succeeded({ code, stderr }: ProcessResult): boolean {
    const gone = stderr.includes("[KUBE_INSTANCE_NOT_FOUND]");
    return code === 0 || (gone && this.#schedule.scenario === "delete");
  }

  #keep(title: string, result: ProcessResult): ProcessResult {
    const { code, signal, stdout, stderr } = result;
    const output = `${stdout}${stderr}`.replace(/^/gm, "  ");
    const seconds = Math.round(performance.now() - this.#started) / 1000;
    this.log.push(
      `at ${seconds} s: ${title} ended with ${signal ?? code} after ${this.#lab.proxy.requests} requests`,
      output.trimEnd(),
    );
    return result;
  }
}

/** Lists that an assertion compares are the point of it. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { actual } = error as { actual?: unknown };
  const found = Array.isArray(actual) ? `\n${JSON.stringify(actual, undefined, 1)}` : "";
  return `${error.stack ?? error.message}${found}`;
}
