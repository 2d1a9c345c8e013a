import { fixture } from "../../../support/repo.ts";
import type { Lab } from "../lab.ts";
import { type CreateScenario, must } from "./scenario.ts";

/** Three instances are applied, two after the first; in half of all cases over an older bundle. */
export const bundle: CreateScenario = async (lab, schedule) => {
  const versions = { 1: await bundleFile(lab, 1), 2: await bundleFile(lab, 2) };
  const apply = (version: 1 | 2, timeout: string): string[] => [
    "bundle",
    "apply",
    "-f",
    versions[version],
    "--timeout",
    timeout,
  ];
  return {
    instances: ["web", "new"],
    prepare: async () => {
      if (schedule.seed % 2 === 0) await must(lab, apply(1, "60s"));
    },
    command: (which, timeout) => apply(which === "same" ? 2 : 1, timeout),
    undisturbed: "command",
  };
};

function bundleFile(lab: Lab, version: 1 | 2): Promise<string> {
  const { namespace, word } = lab;
  const member = (full: boolean, ...dependsOn: string[]): object => ({
    module: { url: `file://${fixture("faults")}` },
    namespace,
    dependsOn,
    values: { version, word, full },
  });
  const instances = {
    db: member(false),
    web: member(true, "db"),
    [version === 1 ? "old" : "new"]: member(false, "db"),
  };
  const content = { apiVersion: "v1alpha1", name: namespace, instances };
  return lab.input(`bundle-${version}.cue`, { bundle: content });
}
