import { kubeObject } from "@tenon/core";

import type {
  KubernetesSchemas,
  ObjectProblem,
} from "../../../packages/schema/src/kubernetes/index.ts";
import type { ApiServer, Manifest } from "./api-server.ts";
import { mutationsOf } from "./mutations.ts";

/** What comparing the checks with a server found. */
export interface CrossCheck {
  /** Problems of objects that the server takes. */
  readonly falseAlarms: readonly string[];
  /** Fields whose absence or value was a problem for both: TYPE.FIELD. */
  readonly proven: ReadonlySet<string>;
  readonly reported: number;
}

const parallel = 8;

/** Asks the server about every mutation that the checks report. */
export async function crossCheck(
  server: ApiServer,
  schemas: KubernetesSchemas,
  objects: readonly Manifest[],
  fieldOf: (object: Manifest, problem: ObjectProblem) => string,
): Promise<CrossCheck> {
  const falseAlarms: string[] = [];
  const proven = new Set<string>();
  let reported = 0;

  async function compare(title: string, object: Manifest): Promise<void> {
    const found = await schemas.checkObject(kubeObject(JSON.stringify(object)));
    const problems = found.problems.filter(({ isWarning }) => isWarning !== true);
    if (problems.length === 0) return;
    reported++;
    if (!(await isRefused(server, object))) {
      falseAlarms.push(`${title}: ${problems.map(({ message }) => message).join("; ")}`);
    } else if (problems.length === 1) {
      proven.add(fieldOf(object, problems[0]!));
    }
  }

  for (const object of objects) {
    const mutations = mutationsOf(object);
    const worker = async (): Promise<void> => {
      for (const mutation of mutations) await compare(mutation.title, mutation.object);
    };
    await Promise.all(Array.from({ length: parallel }, worker));
  }
  return { falseAlarms, proven, reported };
}

/** Creation and server-side apply each refuse what the other takes: the latter, duplicates in a list. */
async function isRefused(server: ApiServer, object: Manifest): Promise<boolean> {
  const create = await server.refusesCreate(object);
  return create !== undefined || (await server.refusesApply(object)) !== undefined;
}
