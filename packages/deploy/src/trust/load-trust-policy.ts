import type { RegistryContext } from "../source/open-registry.ts";
import { findTrustPolicy } from "./find-trust-policy.ts";
import { readTrustPolicy } from "./read-trust-policy.ts";
import type { TrustPolicy } from "./trust-policy.ts";
import type { TrustSettings } from "./trust-settings.ts";

const loaded = new WeakMap<TrustSettings, Promise<TrustPolicy | undefined>>();

/**
 * The trust policy that is in force, read once in a run.
 *
 * @returns nothing where there is no policy: everything is accepted
 * @throws DeployError `DEPLOY_TRUST_POLICY_INVALID`
 */
export function loadTrustPolicy({
  trust,
}: Pick<RegistryContext, "trust">): Promise<TrustPolicy | undefined> {
  if (trust === undefined) return Promise.resolve(undefined);
  const known = loaded.get(trust);
  if (known !== undefined) return known;
  const loading = load(trust);
  loaded.set(trust, loading);
  return loading;
}

async function load(trust: TrustSettings): Promise<TrustPolicy | undefined> {
  const file = await findTrustPolicy(trust);
  return file === undefined ? undefined : readTrustPolicy(file);
}
