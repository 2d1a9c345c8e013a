import { hasCode } from "@tenon/core";
import {
  type Reference,
  type Registry,
  type RegistryClient,
  VENDOR_FOLDER,
  formatRepository,
  isLegacyTag,
} from "@tenon/oci";

import { DeployError } from "../errors.ts";
import { vendorLayout } from "../vendor/vendor-layout.ts";
import type { OpenRegistry, RegistryContext } from "./open-registry.ts";

/** Opens what was vendored of a registry, to read only. The registry itself is never asked. */
export function openOffline(context: RegistryContext, reference: Reference): OpenRegistry {
  const dir = context.vendorDir ?? VENDOR_FOLDER;
  const vendored = vendorLayout(dir, reference.host);
  const run: Run = { dir, host: reference.host, command: context.vendorCommand };
  const registry: RegistryClient = {
    host: reference.host,
    ping: () => refuse(run, "ask"),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    ...reads(vendored, run),
    pushManifest: () => refuse(run, "push to"),
    pushBlob: () => refuse(run, "push to"),
    mountBlob: () => refuse(run, "push to"),
    deleteManifest: () => refuse(run, "delete from"),
    deleteTag: () => refuse(run, "delete from"),
    deleteBlob: () => refuse(run, "delete from"),
  };
  return {
    registry,
    reference,
    name: formatRepository(reference),
    [Symbol.asyncDispose]: () => registry.close(),
  };
}

/**
 * Fails where nothing may be asked of the network.
 *
 * @throws DeployError `DEPLOY_OFFLINE`
 */
export function needNetwork(context: Pick<RegistryContext, "offline">, doing: string): void {
  if (context.offline === true) throw offline(doing);
}

/** The error for something that needs the network. */
function offline(doing: string): DeployError {
  return new DeployError(
    "DEPLOY_OFFLINE",
    `Cannot ${doing}: --offline asks nothing of the network`,
    {
      hint: "Leave --offline out, and TENON_OFFLINE",
    },
  );
}

interface Run {
  readonly dir: string;
  readonly host: string;
  readonly command: string | undefined;
}

type Reads = Pick<
  Registry,
  | "resolveManifest"
  | "readManifest"
  | "statBlob"
  | "readBlob"
  | "listTags"
  | "listRepositories"
  | "listReferrers"
>;

function reads(vendored: Registry, run: Run): Reads {
  return {
    resolveManifest: (repository, reference, options) =>
      vendored
        .resolveManifest(repository, reference, options)
        .catch((error: unknown) => rethrow(run, { repository, reference }, error)),
    readManifest: (repository, reference, options) =>
      vendored
        .readManifest(repository, reference, options)
        .catch((error: unknown) => rethrow(run, { repository, reference }, error)),
    statBlob: (repository, digest, options) => vendored.statBlob(repository, digest, options),
    readBlob: (repository, blob, options) =>
      vendored
        .readBlob(repository, blob, options)
        .catch((error: unknown) => rethrow(run, { repository, reference: blob.digest }, error)),
    async *listTags(repository, options) {
      try {
        yield* vendored.listTags(repository, options);
      } catch (error) {
        rethrow(run, { repository }, error);
      }
    },
    listRepositories: (options) => vendored.listRepositories(options),
    listReferrers: (repository, subject, options) =>
      vendored.listReferrers(repository, subject, options),
  };
}

interface Wanted {
  readonly repository: string;
  readonly reference?: string;
}

function rethrow({ dir, host, command }: Run, wanted: Wanted, error: unknown): never {
  if (!hasCode(error, "OCI_NAME_UNKNOWN", "OCI_MANIFEST_UNKNOWN", "OCI_BLOB_UNKNOWN")) throw error;
  const { repository, reference } = wanted;
  // Signatures are vendored along: where there is no such tag, there are none.
  if (reference !== undefined && isLegacyTag(reference)) throw error;
  const isDigest = reference?.includes(":") === true;
  const tail = reference === undefined ? "" : `${isDigest ? "@" : ":"}${reference}`;
  const version = reference === undefined || isDigest ? "" : ` -v ${reference}`;
  const get = command ?? `tenon vendor oci://${host}/${repository}${version}`;
  throw new DeployError(
    "DEPLOY_OFFLINE",
    `Cannot read oci://${host}/${repository}${tail} with --offline: ${dir} does not have it`,
    { hint: `Get it with \`${get}\`, where there is a network`, cause: error },
  );
}

function refuse({ host }: Run, verb: string): Promise<never> {
  return Promise.reject(offline(`${verb} registry ${host}`));
}
