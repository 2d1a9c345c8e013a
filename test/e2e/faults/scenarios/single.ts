import { fixture } from "../../../support/repo.ts";
import type { Lab } from "../lab.ts";
import type { Schedule } from "../schedule.ts";
import { type CreateScenario, must } from "./scenario.ts";

/** An instance is installed. */
export const install: CreateScenario = async (lab, schedule) => {
  const versions = await valuesOf(lab, schedule);
  return {
    instances: ["app"],
    prepare: async () => {},
    command: (which, timeout) => applyArgs(lab, versions[which === "same" ? 1 : 2], timeout),
    undisturbed: "command",
  };
};

/** An instance is upgraded; an object leaves it. */
export const upgrade: CreateScenario = async (lab, schedule) => {
  const versions = await valuesOf(lab, schedule);
  return {
    instances: ["app"],
    prepare: () => must(lab, applyArgs(lab, versions[1], "60s")),
    command: (which, timeout) => applyArgs(lab, versions[which === "same" ? 2 : 1], timeout),
    undisturbed: "command",
  };
};

/** An instance is deleted; somebody else may want it to stay. */
export const remove: CreateScenario = async (lab, schedule) => {
  const versions = await valuesOf(lab, schedule);
  return {
    instances: ["app"],
    prepare: () => must(lab, applyArgs(lab, versions[1], "60s")),
    command: (which, timeout) =>
      which === "same"
        ? ["delete", "app", "-n", lab.namespace, "--timeout", timeout]
        : applyArgs(lab, versions[2], timeout),
    undisturbed: "nothing",
  };
};

/** Files with the values of both versions. */
export async function valuesOf(lab: Lab, { custom }: Schedule): Promise<Record<1 | 2, string>> {
  const group = custom ? { group: lab.group } : {};
  const file = (version: number): Promise<string> =>
    lab.input(`${version}.json`, { values: { version, word: lab.word, ...group } });
  return { 1: await file(1), 2: await file(2) };
}

function applyArgs(lab: Lab, values: string, timeout: string): string[] {
  const module = fixture("faults");
  return ["apply", "app", module, "-n", lab.namespace, "-f", values, "--timeout", timeout];
}
