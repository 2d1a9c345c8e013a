import type { Lab } from "../lab.ts";
import type { Schedule } from "../schedule.ts";

/** Something that tenon does to a namespace, again and again until it is done. */
export interface Scenario {
  /** The instances that there are, or are to be. */
  readonly instances: readonly string[];
  /** Brings the namespace to where the command starts from. */
  prepare(): Promise<void>;
  /** The command line: the same each time, or with which somebody else wants something else. */
  command(which: "same" | "other", timeout: string): string[];
  /** Undisturbed, these lead to the expected state from an empty namespace; nothing for no objects. */
  readonly undisturbed: "command" | "prepare and command" | "nothing";
}

/** Makes a scenario for a lab. */
export type CreateScenario = (lab: Lab, schedule: Schedule) => Promise<Scenario>;

/** Runs the command line, which must succeed. */
export async function must(lab: Lab, args: readonly string[]): Promise<void> {
  const { code, stderr } = await lab.run(args);
  if (code !== 0) throw new Error(`tenon ${args.join(" ")} ended with ${code}\n${stderr}`);
}
