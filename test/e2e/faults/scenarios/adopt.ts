import { parseAllDocuments } from "yaml";

import { fixture } from "../../../support/repo.ts";
import type { ApiObject } from "../api.ts";
import type { Lab } from "../lab.ts";
import { pathOf } from "../places.ts";
import type { CreateScenario } from "./scenario.ts";
import { valuesOf } from "./single.ts";

/** Objects that were applied with kubectl are taken over. */
export const adopt: CreateScenario = async (lab, schedule) => {
  const versions = await valuesOf(lab, schedule);
  const args = (version: 1 | 2): string[] => [
    "app",
    fixture("faults"),
    "-n",
    lab.namespace,
    "-f",
    versions[version],
  ];
  return {
    instances: ["app"],
    prepare: () => applyAsKubectl(lab, args(1)),
    command: (which, timeout) => [
      "adopt",
      ...args(which === "same" ? 1 : 2),
      "--from",
      "kubectl",
      "--yes",
      "--timeout",
      timeout,
    ],
    undisturbed: "prepare and command",
  };
};

async function applyAsKubectl(lab: Lab, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await lab.run(["build", ...args]);
  if (code !== 0) throw new Error(`tenon build ended with ${code}\n${stderr}`);
  const objects = parseAllDocuments(stdout).map((document) => document.toJS() as ApiObject | null);
  for (const object of objects) {
    if (object === null) continue;
    const { kind = "", metadata } = object;
    await lab.api.apply(pathOf(lab, kind, metadata.name), object, "kubectl");
  }
}
