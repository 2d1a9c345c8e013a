import { type Diagnostic, type Digest, hasCode } from "@tenon/core";
import {
  type CopiedArtifact,
  type ExportFolder,
  type LayoutFormat,
  OciError,
  type Platform,
  copyArtifact,
  formatPlatform,
  openExportFolder,
  parsePlatform,
  parseReference,
  unwritable,
} from "@tenon/oci";
import pMap from "p-map";

import type { BuildBundleRequest } from "../bundle/build-bundle.ts";
import type { DeployContext } from "../context.ts";
import { cueLogin } from "../dependencies/cue-login.ts";
import { type OpenRegistry, openRegistry } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";
import { addFiles } from "./carried-files.ts";
import { type BundleContent, type NeededArtifact, collectContent } from "./collect-content.ts";
import { exportPlace } from "./export-place.ts";
import { findFiles } from "./find-files.ts";
import { openKnown } from "./known-content.ts";
import { untilFailure } from "./until-failure.ts";

/** Artifacts that are copied at a time, with four blobs each. */
const parallelCopies = 3;

/** What to export, and where to. */
export interface ExportBundleRequest extends BuildBundleRequest {
  /** A file or a folder. */
  readonly output: string;
  readonly format: LayoutFormat;
  /** Earlier exports, or `oci://host/prefix`: what they have is left out. */
  readonly since?: readonly string[] | undefined;
  /** `os/architecture` each; all unless given. */
  readonly platforms?: readonly string[] | undefined;
}

/** An artifact in an export. */
export interface ExportedArtifact {
  readonly role: NeededArtifact["role"];
  /** `host/repository:tag`, or with the digest where there is no tag. */
  readonly name: string;
  readonly digest: Digest;
  /** Signatures and other manifests about it. */
  readonly referrers: number;
}

/** What was exported. */
export interface ExportReport {
  readonly bundle: string;
  readonly output: string;
  readonly format: LayoutFormat;
  readonly artifacts: readonly ExportedArtifact[];
  /** Names of files that travel along. */
  readonly files: readonly string[];
  readonly blobs: {
    /** Fetched by this run. */
    readonly moved: number;
    /** Left out, as `since` has them. */
    readonly known: number;
  };
  /** Bytes that were fetched by this run. */
  readonly movedBytes: number;
  /** Folders of modules that are in no registry and do not travel. */
  readonly folders: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * Writes everything that a bundle needs into one OCI image layout: modules, what they require, images of
 * what they render, and what refers to any of it. A run that was ended is continued by the next one.
 *
 * @throws DeployError, SchemaError, OciError as `collectContent`, `exportPlace`, `openKnown` and
 * `copyArtifact`; OciError `OCI_PLATFORM_INVALID`, `OCI_OUTPUT_UNWRITABLE`
 */
export async function exportBundle(
  context: DeployContext,
  request: ExportBundleRequest,
): Promise<ExportReport> {
  const platforms = (request.platforms ?? []).map(parsePlatform);
  const since = request.since ?? [];
  const place = await exportPlace(request);
  const content = await collectContent(context, request);
  await using known = await openKnown(context, since);
  const folder = openExportFolder(place.folder, since.length > 0 ? known.find : undefined);
  try {
    const carried = await untilFailure(context, async (working) => {
      const run: Run = { context: working, folder, platforms, creds: request.creds };
      const { artifacts } = content;
      return pMap(artifacts, (one) => carry(run, one), { concurrency: parallelCopies });
    });
    const files = await addFiles(folder, content.bundle, await findFiles(request));
    await folder.finish({
      bundle: content.bundle,
      platforms: platforms.map(formatPlatform),
      isPartial: since.length > 0,
    });
    await place.finish(folder, context.signal);
    return { ...reportOf(request, content, { carried, folder }), files };
  } catch (error) {
    throw unwritable(error, request.output);
  }
}

interface Run {
  readonly context: DeployContext;
  readonly folder: ExportFolder;
  readonly platforms: readonly Platform[];
  readonly creds: string | undefined;
}

/** An artifact that was copied into an export, or the reason why it was left out. */
type Carried =
  | { readonly artifact: NeededArtifact; readonly copied: CopiedArtifact }
  | { readonly artifact: NeededArtifact; readonly leftOut: string };

/** Why an image may be left out that perhaps nobody needs, as the values choose another one. */
const absences = [
  "OCI_DENIED",
  "OCI_MANIFEST_UNKNOWN",
  "OCI_NAME_UNKNOWN",
  "OCI_UNAUTHORIZED",
  "OCI_UNREACHABLE",
] as const;

async function carry(run: Run, artifact: NeededArtifact): Promise<Carried> {
  const { context, folder, platforms } = run;
  const { role, repository, tag, digest, isOptional } = artifact;
  try {
    await using open = await openSource(run, artifact);
    const copied = await copyArtifact(
      { registry: folder.withKept(open.registry), repository: open.reference.repository },
      { registry: folder.target, repository },
      digest === undefined ? { tag } : { digest },
      {
        platforms,
        signal: context.signal,
        onProgress: (event) => reportTransfer(context, "pull", event),
      },
    );
    folder.add({ repository, tag, role, digest: copied.digest });
    context.onEvent?.({
      type: "artifact-carried",
      name: nameOf(artifact, copied.digest),
      digest: copied.digest,
    });
    return { artifact, copied };
  } catch (error) {
    if (isOptional && hasCode(error, ...absences)) return { artifact, leftOut: error.message };
    throw explained(error, artifact);
  }
}

/** Says which artifact could not be carried, and what needs it. */
function explained(error: unknown, artifact: NeededArtifact): unknown {
  if (!(error instanceof OciError)) return error;
  const { role, repository, tag, digest, neededBy } = artifact;
  const name =
    tag === undefined && digest !== undefined ? `${repository}@${digest}` : `${repository}:${tag}`;
  const user = neededBy === undefined ? "" : `, which ${neededBy} needs`;
  const { code, hint, details, message } = error;
  return new OciError(code, `Cannot export ${role} ${name}${user}: ${message}`, {
    hint,
    details,
    cause: error,
  });
}

async function openSource(
  { context, creds }: Run,
  { role, repository, insecure }: NeededArtifact,
): Promise<OpenRegistry> {
  const url = `oci://${repository}`;
  if (role === "module") return openRegistry(context, url, creds);
  if (role === "image") return openRegistry(context, url);
  const insecureRegistry = context.insecureRegistry === true || insecure === true;
  const login = await cueLogin(context, parseReference(url).host);
  return openRegistry({ ...context, insecureRegistry }, url, login);
}

function reportOf(
  { output, format }: ExportBundleRequest,
  { bundle, folders, warnings }: BundleContent,
  run: { readonly carried: readonly Carried[]; readonly folder: ExportFolder },
): Omit<ExportReport, "files"> {
  const copies = run.carried.flatMap((one) => ("copied" in one ? [one] : []));
  const { fetched, known } = run.folder;
  return {
    bundle,
    output,
    format,
    artifacts: copies.map(({ artifact, copied: { digest, referrers, legacyTags } }) => ({
      role: artifact.role,
      name: nameOf(artifact, digest),
      digest,
      referrers: referrers.length + legacyTags.length,
    })),
    blobs: { moved: fetched.size, known: known.size },
    movedBytes: [...fetched.values()].reduce((sum, size) => sum + size, 0),
    folders,
    warnings: [...warnings, ...run.carried.flatMap(warningsOf)],
  };
}

function warningsOf(one: Carried): Diagnostic[] {
  const { repository, tag } = one.artifact;
  const warn = (text: string): Diagnostic => ({ text, positions: [] });
  if ("leftOut" in one) {
    const name = `${repository}${tag === undefined ? "" : `:${tag}`}`;
    return [warn(`${name} is left out, which a module names and no object has: ${one.leftOut}`)];
  }
  return one.copied.missing.map((digest) =>
    warn(`${repository} lists ${digest} and does not hold it: it is left out`),
  );
}

function nameOf({ repository, tag }: NeededArtifact, digest: Digest): string {
  return `${repository}${tag === undefined ? `@${digest}` : `:${tag}`}`;
}
