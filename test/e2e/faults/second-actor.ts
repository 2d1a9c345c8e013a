import type { ProcessResult, RunningProcess } from "../../support/run-process.ts";
import type { Lab } from "./lab.ts";
import { pathOf } from "./places.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import type { Deed } from "./schedule.ts";

/** A mark that somebody has set beside the fields of tenon. */
export interface Mark {
  readonly id: string;
  readonly uid: string;
}

/** The annotation that is the mark. */
export const markKey = "faults.example.com/seen";

/** Somebody who works on the same objects: by hand, and with a tenon of their own. */
export class SecondActor {
  readonly marks: Mark[] = [];
  /** Fields of tenon were changed, so that it may have to be told to take them back. */
  edited = false;
  readonly #lab: Lab;
  readonly #scenario: Scenario;
  readonly #runs: RunningProcess[] = [];

  constructor(lab: Lab, scenario: Scenario) {
    this.#lab = lab;
    this.#scenario = scenario;
  }

  /** Does it and tells what that was. */
  async act(deed: Deed): Promise<string> {
    switch (deed.kind) {
      case "edit":
        return deed.owned ? this.#edit(deed.target) : this.#mark(deed.target);
      case "delete-object": {
        const { kind, name } = this.#target(deed.target);
        const found = await this.#lab.api.delete(pathOf(this.#lab, kind, name));
        return `${kind}/${name} is ${found === undefined ? "not there" : "deleted by hand"}`;
      }
      case "second-run": {
        const which = deed.otherVersion ? "other" : "same";
        const args = this.#scenario.command(which, "10s");
        this.#runs.push(this.#lab.start(args, "direct"));
        return `a second run starts: tenon ${args.join(" ")}`;
      }
    }
  }

  /** Waits for the runs that were started. */
  async finish(): Promise<ProcessResult[]> {
    return Promise.all(this.#runs.splice(0).map(({ result }) => result));
  }

  #target(index: number): Target {
    const all = this.#scenario.instances.flatMap((instance) =>
      targetsOf(instance, this.#lab.namespace),
    );
    return all[index % all.length]!;
  }

  async #edit(index: number): Promise<string> {
    const { kind, name, change } = this.#target(index);
    const path = pathOf(this.#lab, kind, name);
    const found = await this.#lab.api.edit(path, change, "kubectl-edit");
    if (found === undefined) return `${kind}/${name} is not there`;
    this.edited = true;
    return `${kind}/${name} is edited by hand: ${JSON.stringify(change)}`;
  }

  async #mark(index: number): Promise<string> {
    const { kind, name } = this.#target(index);
    const path = pathOf(this.#lab, kind, name);
    const change = { metadata: { annotations: { [markKey]: "yes" } } };
    const found = await this.#lab.api.edit(path, change, "stranger");
    if (found === undefined) return `${kind}/${name} is not there`;
    this.marks.push({ id: `${kind}/${name}`, uid: (found as Marked).metadata.uid });
    return `${kind}/${name} gets an annotation by a stranger`;
  }
}

interface Marked {
  readonly metadata: { readonly uid: string };
}

interface Target {
  readonly kind: string;
  readonly name: string;
  /** A change of fields that tenon owns. */
  readonly change: object;
}

function targetsOf(instance: string, namespace: string): Target[] {
  const password = Buffer.from("edited").toString("base64");
  return [
    { kind: "ConfigMap", name: `${instance}-settings`, change: { data: { same: "edited" } } },
    { kind: "Secret", name: `${instance}-login`, change: { data: { password } } },
    { kind: "Service", name: `${instance}-web`, change: { spec: { selector: { app: "edited" } } } },
    { kind: "Deployment", name: `${instance}-web`, change: { spec: { replicas: 2 } } },
    { kind: "ClusterRole", name: `${namespace}-${instance}`, change: { rules: [] } },
  ];
}
