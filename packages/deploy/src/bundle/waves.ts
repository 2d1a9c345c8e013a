import type { BundleWave } from "@tenon/schema";

import { DeployError } from "../errors.ts";
import type { InstanceGraph } from "./graph.ts";

/** The bundle of one cluster as far as waves are concerned. */
export interface WavedBundle {
  readonly cluster: string;
  readonly instances: readonly string[];
  readonly waves: readonly BundleWave[];
}

/** One wave of a run. */
export interface PlannedWave {
  readonly name: string;
  readonly soakMs: number;
}

/** The waves of a run over all clusters, and who is in which. */
export interface WavePlan {
  /** In the order in which they go; at least one. */
  readonly waves: readonly PlannedWave[];
  /** Place in `waves` of the last one that anything is in. */
  readonly last: number;
  /** Place in `waves`. */
  waveOf(cluster: string, instance: string): number;
}

/** What no wave of the bundle names goes last. */
const others: PlannedWave = { name: "others", soakMs: 0 };

/**
 * Assigns each instance on each cluster to the first wave that matches it. Pairs that no wave matches
 * form a last one.
 */
export function planWaves(bundles: readonly WavedBundle[]): WavePlan {
  const declared = new Map<string, PlannedWave>();
  for (const { name, soakMs } of bundles.flatMap(({ waves }) => waves)) {
    if (!declared.has(name)) declared.set(name, { name, soakMs });
  }
  const names = [...declared.keys()];
  const places = new Map<string, number>();
  for (const { cluster, instances, waves } of bundles) {
    for (const instance of instances) {
      const wave = waves.find((candidate) => matches(candidate, cluster, instance));
      const place = wave === undefined ? names.length : names.indexOf(wave.name);
      places.set(`${cluster}/${instance}`, place);
    }
  }
  return {
    waves: [...declared.values(), others],
    last: Math.max(0, ...places.values()),
    waveOf: (cluster, instance) => places.get(`${cluster}/${instance}`) ?? names.length,
  };
}

/**
 * Rejects an instance that is in an earlier wave than one that it depends on.
 *
 * @throws DeployError `DEPLOY_WAVE_ORDER`
 */
export function checkWaveOrder(
  bundle: string,
  graph: InstanceGraph,
  from: { readonly cluster: string; readonly plan: WavePlan },
): void {
  const { cluster, plan } = from;
  const waveOf = (instance: string): number => plan.waveOf(cluster, instance);
  const wrong = [...graph.values()].flat().filter((edge) => waveOf(edge.to) > waveOf(edge.from));
  if (wrong.length === 0) return;
  const texts = wrong.map((edge) => {
    const [own, needed] = [edge.from, edge.to].map((name) => plan.waves[waveOf(name)]!.name);
    return `${edge.from} in wave ${own} needs ${edge.to} in wave ${needed}, which starts later`;
  });
  throw new DeployError("DEPLOY_WAVE_ORDER", `Cannot order bundle ${bundle}: ${texts.join("; ")}`, {
    hint: "Put what is needed into the same wave, or into an earlier one",
  });
}

function matches(wave: BundleWave, cluster: string, instance: string): boolean {
  if (wave.instances === undefined && wave.clusters === undefined) return false;
  return (wave.instances?.includes(instance) ?? true) && (wave.clusters?.includes(cluster) ?? true);
}
