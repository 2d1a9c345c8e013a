import type { ApiConnection } from "./api-connection.ts";
import { makeNamespace } from "./foreign.ts";
import { Lab } from "./lab.ts";
import { scenarios } from "./scenarios/index.ts";
import { must } from "./scenarios/scenario.ts";
import type { Schedule } from "./schedule.ts";
import { ownOf, snapshotOf } from "./snapshot.ts";

/** What undisturbed runs lead to, each found out once. */
export class Expected {
  readonly #connection: ApiConnection;
  readonly #states = new Map<string, Promise<Record<string, unknown>>>();

  constructor(connection: ApiConnection) {
    this.#connection = connection;
  }

  /** The state for a scenario: by what it wants, or by what somebody else wants. */
  async of(schedule: Schedule, which: "same" | "other" = "same"): Promise<Record<string, unknown>> {
    const key = `${schedule.scenario} ${schedule.custom} ${which}`;
    const state = this.#states.get(key) ?? this.#find(schedule, which);
    this.#states.set(key, state);
    return state;
  }

  async #find(schedule: Schedule, which: "same" | "other"): Promise<Record<string, unknown>> {
    await using lab = await Lab.start(this.#connection);
    const scenario = await scenarios[schedule.scenario](lab, schedule);
    await makeNamespace(lab);
    if (scenario.undisturbed === "nothing" && which === "same") return {};
    if (scenario.undisturbed === "prepare and command") {
      await scenario.prepare();
      // What the instance has left is pruned; what it never had stays with the tool before.
      if (which === "other") await must(lab, scenario.command("same", "60s"));
    }
    await must(lab, scenario.command(which, "60s"));
    return ownOf(await snapshotOf(lab), lab);
  }
}
