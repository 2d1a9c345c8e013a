import { isTenonError, messageOf, proxyFor } from "@tenon/core";
import {
  type CredentialStep,
  type HttpExchange,
  type PullSource,
  type RegistryTable,
  createRegistryClient,
  findCredential,
  parseReference,
  planPull,
  sourceText,
} from "@tenon/oci";

import { environmentOf } from "../source/environment-of.ts";
import { latestTag } from "../source/module-version.ts";
import { needNetwork } from "../source/offline-registry.ts";
import type { RegistryContext } from "../source/open-registry.ts";
import { registryTable } from "../source/registry-table.ts";

/** How a reference is looked up in registries, step by step. No secret stands in it. */
export interface RegistryExplanation {
  /** What was found; nothing if nobody gave it. */
  readonly digest?: string | undefined;
  /** Where it was found. */
  readonly from?: string | undefined;
  readonly reference: ReadReference;
  readonly table: TableUse;
  readonly sources: readonly SourceReport[];
}

/** How a reference was read. */
export interface ReadReference {
  readonly given: string;
  readonly host: string;
  readonly repository: string;
  /** The tag or digest that is looked for. */
  readonly wanted: string;
  /** What was added or changed: `docker.io is index.docker.io`. */
  readonly notes: readonly string[];
}

/** What the mirror table says of the reference. */
export interface TableUse {
  readonly files: readonly string[];
  /** The entry that counts; nothing if none does. */
  readonly entry?:
    | {
        readonly prefix: string;
        readonly location: string;
        readonly file: string;
        readonly line: number;
        /** Mirrors of the entry that are not asked, as this is a tag, or a digest. */
        readonly leftOut: readonly string[];
      }
    | undefined;
}

/** What came of one place. */
export interface SourceReport {
  readonly kind: PullSource["kind"];
  readonly name: string;
  readonly outcome: "found" | "failed" | "not asked";
  /** Address of the proxy without its password; nothing if it is reached directly. */
  readonly proxy?: string | undefined;
  readonly tls: TlsUse;
  readonly credentials: readonly CredentialStep[];
  readonly requests: readonly HttpExchange[];
  readonly digest?: string | undefined;
  readonly error?:
    | { readonly code: string; readonly message: string; readonly hint?: string | undefined }
    | undefined;
}

/** Which servers are trusted. */
export interface TlsUse {
  /** Plain HTTP and any certificate are accepted, because of this. */
  readonly insecure?: "--registry-insecure" | "the mirror table" | undefined;
  /** File with authorities beside those of Node.js. */
  readonly extraAuthorities?: string | undefined;
}

/**
 * Looks a reference up as every other command does, and tells of each step.
 *
 * @throws DeployError `DEPLOY_OFFLINE`
 * @throws OciError `OCI_REFERENCE_INVALID`, `OCI_REGISTRIES_CONF_INVALID`, `OCI_REGISTRY_BLOCKED`
 */
export async function explainRegistry(
  context: RegistryContext,
  url: string,
): Promise<RegistryExplanation> {
  needNetwork(context, `look up ${url}`);
  const reference = readReference(url);
  const { host, repository, wanted } = reference;
  const table = await registryTable(context);
  const by = wanted.includes(":") ? "digest" : "tag";
  const plan = planPull(table, { host, repository, reference: wanted }, by);
  const sources: SourceReport[] = [];
  for (const source of plan.sources) {
    const isFound = sources.some(({ outcome }) => outcome === "found");
    sources.push(isFound ? notAsked(context, source) : await ask(context, source, wanted));
  }
  const found = sources.find(({ outcome }) => outcome === "found");
  return {
    digest: found?.digest,
    from: found?.name,
    reference,
    table: tableUse(table, plan.entry, by),
    sources,
  };
}

function readReference(given: string): ReadReference {
  const { host, repository, tag, digest } = parseReference(given);
  const written = given.replace("oci://", "");
  const notes: string[] = [];
  if (!written.startsWith(host)) {
    const [first = ""] = written.split("/");
    const isHost = /[.:]|^localhost$/.test(first) && written.includes("/");
    notes.push(isHost ? `${first} is ${host}` : `without a registry it is one of ${host}`);
  }
  if (repository.startsWith("library/") && !written.includes("library/")) {
    notes.push("a name without a folder is in library/ there");
  }
  if (tag === undefined && digest === undefined) notes.push("without a tag it is latest");
  if (tag !== undefined && digest !== undefined)
    notes.push("of a tag and a digest the digest counts");
  return { given, host, repository, wanted: digest ?? tag ?? latestTag, notes };
}

function tableUse(
  { files }: RegistryTable,
  entry: ReturnType<typeof planPull>["entry"],
  by: "tag" | "digest",
): TableUse {
  if (entry === undefined) return { files };
  const { prefix, location, position, mirrors } = entry;
  const left = mirrors.filter(({ use }) => use !== "all" && use !== `${by}-only`);
  const leftOut = left.map((mirror) => mirror.location);
  return { files, entry: { prefix, location, file: position.file, line: position.line, leftOut } };
}

async function ask(
  context: RegistryContext,
  source: PullSource,
  wanted: string,
): Promise<SourceReport> {
  const { env, signal } = context;
  const credentials: CredentialStep[] = [];
  const requests: HttpExchange[] = [];
  await using client = createRegistryClient({
    host: source.host,
    insecure: context.insecureRegistry === true || source.insecure,
    env,
    retry: { attempts: 1 },
    onExchange: (exchange) => requests.push(exchange),
    credentials: (target, options) =>
      findCredential(environmentOf(context), target, {
        ...options,
        onStep: (step) => credentials.push(step),
      }),
  });
  const report = { ...notAsked(context, source), credentials, requests };
  try {
    const { digest } = await client.resolveManifest(source.repository, source.reference ?? wanted, {
      signal,
    });
    return { ...report, outcome: "found", digest };
  } catch (error) {
    if (signal?.aborted || !isTenonError(error)) throw error;
    const { code, hint } = error;
    return { ...report, outcome: "failed", error: { code, message: messageOf(error), hint } };
  }
}

function notAsked({ env, insecureRegistry }: RegistryContext, source: PullSource): SourceReport {
  const proxy = proxyFor(`https://${source.host}`, env);
  return {
    kind: source.kind,
    name: sourceText(source),
    outcome: "not asked",
    ...(proxy !== undefined && { proxy: withoutPassword(proxy) }),
    tls: {
      ...(source.insecure && { insecure: "the mirror table" }),
      ...(insecureRegistry === true && { insecure: "--registry-insecure" }),
      ...(env["NODE_EXTRA_CA_CERTS"] && { extraAuthorities: env["NODE_EXTRA_CA_CERTS"] }),
    },
    credentials: [],
    requests: [],
  };
}

function withoutPassword(proxy: string): string {
  if (!URL.canParse(proxy)) return "a proxy whose address cannot be read";
  const url = new URL(proxy);
  return `${url.protocol}//${url.host}`;
}
