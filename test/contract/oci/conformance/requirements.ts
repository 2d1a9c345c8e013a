import { api } from "./api.ts";
import { discovery } from "./discovery.ts";
import { management } from "./management.ts";
import { pull } from "./pull.ts";
import { pushBlobs } from "./push-blobs.ts";
import { pushManifests } from "./push-manifests.ts";
import type { Requirement } from "./requirement.ts";

/** The suite: what the OCI distribution specification 1.1 demands of a registry, in its order. */
export const requirements: readonly Requirement[] = [
  ...pull,
  ...pushManifests,
  ...pushBlobs,
  ...discovery,
  ...management,
  ...api,
];
