import { type Diagnostic, type KubeObject, isTenonError } from "@tenon/core";
import { parseReference } from "@tenon/oci";
import pMap from "p-map";

import { once } from "../bundle/once.ts";
import { DeployError } from "../errors.ts";
import { type RegistryContext, openRegistry } from "../source/open-registry.ts";
import { findImagePlaces } from "./find-image-places.ts";
import { judge } from "./judge.ts";
import { loadTrustPolicy } from "./load-trust-policy.ts";
import type { TrustPolicy } from "./trust-policy.ts";

/** What images must be: named by digest, or that and signed as the trust policy wants it. */
export type ImageDemand = "pinned" | "signed";

const parallelLookups = 4;

/**
 * Finds the images that are not what is demanded of them, each with the object and the field that names
 * it.
 *
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`, also for `signed` where no policy is in force
 */
export async function imageProblems(
  context: RegistryContext,
  demand: ImageDemand,
  rendered: { readonly images: readonly string[]; readonly objects: readonly KubeObject[] },
): Promise<Diagnostic[]> {
  const policy = demand === "signed" ? await requirePolicy(context) : undefined;
  const placed = findImagePlaces(rendered.images, rendered.objects);
  const verdicts = new Map<string, Promise<string | undefined>>();
  const found = await pMap(
    placed,
    async ({ reference, place }): Promise<Diagnostic[]> => {
      const look = () => problemOf(context, reference, policy);
      const problem = await once(verdicts, reference, look);
      return problem === undefined
        ? []
        : [{ text: `image ${reference} ${problem}`, path: place, positions: [] }];
    },
    { concurrency: parallelLookups },
  );
  return found.flat();
}

/** The error for images that are not what is demanded of them. */
export function imagesRefused(
  what: string,
  demand: ImageDemand,
  diagnostics: readonly Diagnostic[],
): DeployError {
  const wanted = demand === "pinned" ? "pinned by digest" : "pinned by digest and signed";
  return new DeployError(
    "DEPLOY_VET_FAILED",
    `Cannot vet ${what}: ${diagnostics.length} image(s) are not ${wanted}`,
    {
      diagnostics,
      hint: "Give images as NAME:TAG@sha256:…, with the digest that `tenon artifact digest oci://NAME:TAG` prints",
    },
  );
}

/** What an image lacks, to stand behind its name. */
async function problemOf(
  context: RegistryContext,
  image: string,
  policy: TrustPolicy | undefined,
): Promise<string | undefined> {
  const url = `oci://${image}`;
  try {
    const { digest } = parseReference(url);
    if (digest === undefined) return "is not pinned by digest";
    if (policy === undefined) return undefined;
    await using open = openRegistry(context, url);
    const { trusted, reason } = await judge(context, policy, open, digest);
    return trusted ? undefined : `is not trusted: ${reason}`;
  } catch (error) {
    if (!isTenonError(error)) throw error;
    return `cannot be checked: ${error.message}`;
  }
}

async function requirePolicy(context: RegistryContext): Promise<TrustPolicy> {
  const policy = await loadTrustPolicy(context);
  if (policy !== undefined) return policy;
  throw new DeployError(
    "DEPLOY_TRUST_POLICY_INVALID",
    "Cannot check signatures of images: no trust policy says whose signatures count",
    {
      hint: "Name one with --trust-policy, or write a tenon.trust.yaml; docs/trust.md describes it",
    },
  );
}
