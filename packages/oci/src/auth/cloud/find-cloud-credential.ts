import type { Credential } from "../credential.ts";
import type { AuthEnvironment } from "../docker-config.ts";
import { azureCredential, isAzureHost } from "./azure.ts";
import type { CloudContext, CloudCredential } from "./cloud-context.ts";
import { type SendToCloud, cloudHttp } from "./cloud-http.ts";
import { ecrCredential, isEcrHost } from "./ecr.ts";
import { googleCredential, isGoogleHost } from "./google-token.ts";

/** Options of {@link findCloudCredential}. */
export interface CloudOptions {
  readonly signal?: AbortSignal | undefined;
  /** How services are reached; over the network by default. */
  readonly send?: SendToCloud | undefined;
  /** Milliseconds since 1970; the system's clock by default. */
  readonly now?: (() => number) | undefined;
}

/** What the identity of a cloud gave, or that there is none. */
export interface CloudFinding {
  /** Name of the cloud. */
  readonly cloud: string;
  /** Where the identity comes from; nothing where there is none. */
  readonly identity?: string | undefined;
  readonly credential?: Credential | undefined;
}

interface Cloud {
  readonly name: string;
  readonly isHost: (host: string) => boolean;
  readonly find: (context: CloudContext) => Promise<CloudCredential | undefined>;
}

const clouds: readonly Cloud[] = [
  { name: "identity of AWS", isHost: isEcrHost, find: ecrCredential },
  { name: "identity of Google Cloud", isHost: isGoogleHost, find: googleCredential },
  { name: "identity of Azure", isHost: isAzureHost, find: azureCredential },
];

type Remembered = Map<string, Promise<{ readonly finding: CloudFinding; readonly until: number }>>;

/** What the identity of one environment was given: a run that opens a registry often asks once. */
const remembered = new WeakMap<AuthEnvironment["env"], Remembered>();

/**
 * Asks the cloud that a registry belongs to for a credential of the identity that runs here. Nobody is
 * asked for other registries.
 *
 * @returns nothing for a host of no known cloud
 * @throws OciError `OCI_CREDENTIALS_INVALID` where there is an identity and the exchange fails
 */
export async function findCloudCredential(
  environment: AuthEnvironment,
  host: string,
  options: CloudOptions = {},
): Promise<CloudFinding | undefined> {
  const cloud = clouds.find(({ isHost }) => isHost(host));
  if (cloud === undefined) return undefined;
  const { signal, now = Date.now, send = cloudHttp(environment.env) } = options;
  const known: Remembered = remembered.get(environment.env) ?? new Map();
  remembered.set(environment.env, known);
  const earlier = await known.get(host)?.catch(() => undefined);
  if (earlier !== undefined && earlier.until > now()) return earlier.finding;
  const asking = ask(cloud, { ...environment, host, send, now, signal });
  known.set(host, asking);
  asking.catch(() => known.delete(host));
  return (await asking).finding;
}

async function ask(
  { name, find }: Cloud,
  context: CloudContext,
): Promise<{ finding: CloudFinding; until: number }> {
  const found = await find(context);
  const finding = { cloud: name, identity: found?.identity, credential: found?.credential };
  // An identity that is not there does not come while a command runs; a credential must not expire under way.
  const until = found === undefined ? Number.POSITIVE_INFINITY : found.expiresAt - 60_000;
  return { finding, until };
}
