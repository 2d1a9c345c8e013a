import { type Digest, hasCode } from "@tenon/core";
import {
  type BlobTransfer,
  type CopiedArtifact,
  type CopyTarget,
  type ExportReader,
  type ExportedManifest,
  OciError,
  copyArtifact,
  openExport,
  parseReference,
} from "@tenon/oci";
import pMap from "p-map";

import { keepReleased } from "../publish/keep-released.ts";
import { type OpenRegistry, type RegistryContext, openTarget } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { checkTrust } from "../trust/check-trust.ts";
import { type CarriedFile, readFiles } from "./carried-files.ts";
import { mirrorsFile } from "./mirrors-file.ts";
import { type NewPlace, parseNewPlace, repositoryAt } from "./new-place.ts";
import { untilFailure } from "./until-failure.ts";
import { verifyImported } from "./verify-imported.ts";

/** Repositories that are written at a time, with four blobs each. */
const parallelRepositories = 3;

/** What to import, and where to. */
export interface ImportBundleRequest {
  /** An export: an archive or a folder. */
  readonly source: string;
  /** `oci://host` or `oci://host/prefix`. */
  readonly target: string;
  /** Move tags of released versions. */
  readonly overwrite?: boolean | undefined;
  readonly creds?: string | undefined;
}

/** An artifact at its new place. */
export interface ImportedArtifact {
  readonly role: ExportedManifest["role"];
  /** `host/repository:tag` that it was known by, or with the digest where there is no tag. */
  readonly from: string;
  /** `oci://host/repository:tag`, or with the digest. */
  readonly to: string;
  readonly digest: Digest;
}

/** What was imported. */
export interface ImportReport {
  readonly bundle: string;
  readonly target: string;
  readonly artifacts: readonly ImportedArtifact[];
  readonly blobs: Readonly<Record<BlobTransfer, number>>;
  /** Bytes that were pushed. */
  readonly movedBytes: number;
  /** Manifests and blobs that the registry was asked for again afterwards. */
  readonly verified: { readonly manifests: number; readonly blobs: number };
  /** Tags of signatures that stay as they were, as they have what the export lacks. */
  readonly keptTags: readonly string[];
  /** Text of a `registries.conf` by which clients find everything at the new place. */
  readonly mirrors: string;
  readonly files: readonly CarriedFile[];
}

/**
 * Pushes an export to a registry, each repository below the name of the host that it came from, and
 * verifies there that all of it has arrived. Running it again pushes what is missing.
 *
 * @throws DeployError `DEPLOY_VERSION_RELEASED`, and as `checkTrust` of modules
 * @throws OciError as `openExport`, `copyArtifact` and `verifyImported`
 */
export async function importBundle(
  context: RegistryContext,
  request: ImportBundleRequest,
): Promise<ImportReport> {
  const place = parseNewPlace(request.target);
  await using reader = await openExport(request.source);
  const { bundle, manifests } = reader.index;
  const files = await readFiles(reader);
  const imported = await untilFailure(context, async (working) => {
    const run: Run = { context: working, request, reader, place, placed: new Map() };
    const concurrency = parallelRepositories;
    return pMap(groupsOf(manifests), (own) => importRepository(run, own), { concurrency });
  });
  const isOriginal = ({ role }: ExportedManifest): boolean => role !== "files";
  const originals = manifests.filter(isOriginal).map(({ repository }) => repository);
  const total = (count: (one: Imported) => number): number =>
    imported.reduce((sum, one) => sum + count(one), 0);
  return {
    bundle,
    target: request.target,
    artifacts: imported.flatMap(({ artifacts }) => artifacts),
    blobs: {
      exists: total(({ blobs }) => blobs.exists),
      mounted: total(({ blobs }) => blobs.mounted),
      moved: total(({ blobs }) => blobs.moved),
    },
    movedBytes: total(({ movedBytes }) => movedBytes),
    verified: {
      manifests: total(({ verified }) => verified.manifests),
      blobs: total(({ verified }) => verified.blobs),
    },
    keptTags: imported.flatMap(({ keptTags }) => keptTags),
    mirrors: mirrorsFile(place, originals, context.insecureRegistry === true),
    files,
  };
}

interface Run {
  readonly context: RegistryContext;
  readonly request: ImportBundleRequest;
  readonly reader: ExportReader;
  readonly place: NewPlace;
  /** Repositories that hold a blob by now, from which others take it. */
  readonly placed: Map<Digest, string>;
}

/** What was imported of one repository. */
interface Imported extends Pick<ImportReport, "artifacts" | "blobs" | "movedBytes" | "verified"> {
  readonly keptTags: readonly string[];
}

type Group = readonly [ExportedManifest, ...ExportedManifest[]];

/** Manifests by their repositories; those of one are pushed one after another, as some list others. */
function groupsOf(manifests: readonly ExportedManifest[]): Group[] {
  const groups = new Map<string, [ExportedManifest, ...ExportedManifest[]]>();
  for (const manifest of manifests) {
    const known = groups.get(manifest.repository);
    if (known === undefined) groups.set(manifest.repository, [manifest]);
    else known.push(manifest);
  }
  return [...groups.values()];
}

async function importRepository(run: Run, group: Group): Promise<Imported> {
  const { context, place, reader, request } = run;
  const repository = repositoryAt(place, group[0].repository);
  await using open = openTarget(context, `oci://${place.host}/${repository}`, request.creds);
  const artifacts: ImportedArtifact[] = [];
  const keptTags: string[] = [];
  const blobs = { exists: 0, mounted: 0, moved: 0 };
  let movedBytes = 0;
  for (const manifest of group) {
    const copied = await importManifest(run, open, manifest);
    keptTags.push(...copied.keptTags);
    for (const way of ["exists", "mounted", "moved"] as const) blobs[way] += copied.blobs[way];
    movedBytes += copied.movedBytes;
    artifacts.push(describe(open, manifest));
  }
  const { signal } = context;
  const verified = await verifyImported(reader, open, { manifests: group, keptTags, signal });
  for (const manifest of group) await checkCarried(context, open, manifest);
  return { artifacts, blobs, movedBytes, keptTags, verified };
}

/** Rules are for the names that modules came with, by which mirrors find them. */
async function checkCarried(
  context: RegistryContext,
  open: OpenRegistry,
  { repository, role, descriptor: { digest } }: ExportedManifest,
): Promise<void> {
  if (role !== "module" && role !== "dependency") return;
  const name = `oci://${repository}`;
  const reference = parseReference(name);
  const place = { registry: open.registry, reference, repository: open.reference.repository };
  await checkTrust(context, { ...place, name }, { digest });
}

async function importManifest(
  run: Run,
  open: OpenRegistry,
  { repository, role, tag, descriptor }: ExportedManifest,
): Promise<CopiedArtifact> {
  const { context, placed, reader, request } = run;
  const tags = tag === undefined ? [] : [tag];
  try {
    const copied = await copyArtifact(
      { registry: reader.source, repository },
      { registry: recording(open, placed), repository: open.reference.repository },
      { digest: descriptor.digest },
      {
        tags,
        signal: context.signal,
        mountFrom: (digest) => placed.get(digest),
        onProgress: (event) => reportTransfer(context, "push", event),
        onResolved: async (digest) => {
          if (request.overwrite !== true) await keepReleased(context, open, tags, digest);
        },
      },
    );
    if (role !== "referrer" && role !== "tag") {
      const name = `${open.name}${nameOf({ tag, descriptor })}`;
      context.onEvent?.({ type: "artifact-carried", name, digest: copied.digest });
    }
    return copied;
  } catch (error) {
    throw explained(error, reader, open.name);
  }
}

/** Remembers which blobs the registry took. */
function recording(
  { registry, reference }: OpenRegistry,
  placed: Map<Digest, string>,
): CopyTarget["registry"] {
  return {
    ...registry,
    async pushBlob(repository, blob, content, options) {
      await registry.pushBlob(repository, blob, content, options);
      placed.set(blob.digest, reference.repository);
    },
  };
}

/** Some registries take no index of which manifests are missing. */
function explained(error: unknown, { index }: ExportReader, name: string): unknown {
  const codes = ["OCI_BLOB_UNKNOWN", "OCI_MANIFEST_UNKNOWN", "OCI_MANIFEST_INVALID"] as const;
  const isRefused = hasCode(error, ...codes) && error.details?.["status"] !== undefined;
  if (index.platforms.length === 0 || !isRefused) return error;
  return new OciError(
    "OCI_MANIFEST_INVALID",
    `Cannot import ${name} for ${index.platforms.join(", ")} only: the registry takes no index that lacks some of its manifests: ${error.message}`,
    {
      hint: "Export for all platforms, or let the registry take it: distribution 3 with validation.manifests.indexes.platforms: none",
      cause: error,
    },
  );
}

function describe(open: OpenRegistry, manifest: ExportedManifest): ImportedArtifact {
  const { repository, role, descriptor } = manifest;
  const name = nameOf(manifest);
  const { digest } = descriptor;
  return { role, from: `${repository}${name}`, to: `${open.name}${name}`, digest };
}

function nameOf({ tag, descriptor }: Pick<ExportedManifest, "tag" | "descriptor">): string {
  return tag === undefined ? `@${descriptor.digest}` : `:${tag}`;
}
