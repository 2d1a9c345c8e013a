import { type Diagnostic, type KubeObject, formatRef, isTenonError } from "@tenon/core";
import { parseReference } from "@tenon/oci";
import { type FoundImage, findObjectImages } from "@tenon/schema";
import pMap from "p-map";

import { DeployError } from "../errors.ts";
import { type RegistryContext, openRegistry } from "../source/open-registry.ts";
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
  const { images, problems } = findObjectImages(rendered.objects, rendered.images);
  const found = await pMap(
    images,
    async (image): Promise<Diagnostic[]> => {
      const problem = await problemOf(context, image.reference, policy);
      return problem === undefined ? [] : atPlaces(image, problem);
    },
    { concurrency: parallelLookups },
  );
  return [...problems, ...found.flat()];
}

/** Says at each place of an image what it lacks. */
function atPlaces({ reference, places }: FoundImage, problem: string): Diagnostic[] {
  const text = `image ${reference} ${problem}`;
  if (places.length === 0) return [{ text, path: "timoni.instance.config", positions: [] }];
  return places.map(({ object, path }) => {
    return { text, path: `${formatRef(object)} ${path}`, positions: [] };
  });
}

/** The error for images that are not what is demanded of them. */
export function imagesRefused(
  what: string,
  demand: ImageDemand,
  diagnostics: readonly Diagnostic[],
): DeployError {
  const wanted = demand === "pinned" ? "pinned by digest" : "pinned by digest and signed";
  return new DeployError("DEPLOY_VET_FAILED", `Cannot vet ${what}: not all images are ${wanted}`, {
    diagnostics,
    hint: "Give images as NAME:TAG@sha256:…, with the digest that `tenon artifact digest oci://NAME:TAG` prints",
  });
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
