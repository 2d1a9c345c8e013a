import { defaultCluster as onlyCluster } from "@tenon/schema";

import type { DeployEvent } from "../context.ts";
import type { Outcome } from "./schedule.ts";

/** What happens to a bundle, with the instance and the cluster that it happens to. */
export type BundleEvent =
  | {
      readonly type: "bundle-started";
      readonly bundle: string;
      readonly cluster: string;
      readonly operation: BundleOperation;
      readonly instances: number;
    }
  | {
      readonly type: "instance-started";
      readonly place: InstancePlace;
      readonly operation: BundleOperation;
    }
  /** Progress of the work on one instance. */
  | {
      readonly type: "instance-event";
      readonly place: InstancePlace;
      readonly event: Exclude<DeployEvent, BundleEvent>;
    }
  | {
      readonly type: "instance-ended";
      readonly place: InstancePlace;
      readonly outcome: Outcome;
      readonly milliseconds: number;
    }
  /** Nothing more can be done on this cluster. */
  | {
      readonly type: "cluster-failed";
      readonly bundle: string;
      readonly cluster: string;
      readonly error: unknown;
    }
  | {
      readonly type: "wave-ready";
      readonly bundle: string;
      readonly wave: string;
      /** How long it still has to stay so. */
      readonly soakMs: number;
    };

/** What is done to a bundle or an instance; a plan writes nothing. */
export type BundleOperation = "apply" | "delete" | "plan";

/** An instance of a bundle on one cluster. */
export interface InstancePlace {
  readonly bundle: string;
  /** `_default` when there is no runtime. */
  readonly cluster: string;
  readonly instance: string;
}

/** The name of the only cluster when there is no runtime. */
export const defaultCluster: string = onlyCluster.name;

/** A listener for the work on one instance that tells which one it is. */
export function tagged(
  onEvent: ((event: DeployEvent) => void) | undefined,
  place: InstancePlace,
): ((event: Exclude<DeployEvent, BundleEvent>) => void) | undefined {
  if (onEvent === undefined) return undefined;
  return (event) => onEvent({ type: "instance-event", place, event });
}
