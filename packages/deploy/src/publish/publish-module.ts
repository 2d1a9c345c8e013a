import type { KeyObject } from "node:crypto";

import { TenonError } from "@tenon/core";
import {
  attachFiles,
  type Descriptor,
  isBuilt,
  TITLE_ANNOTATION,
  UNCOMMITTED_ANNOTATION,
} from "@tenon/oci";
import { moduleName } from "@tenon/schema";

import type { ValuesSample } from "../compare/read-corpus.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { isReleased, latestTag } from "../source/module-version.ts";
import { needNetwork } from "../source/offline-registry.ts";
import { type OpenRegistry, openTarget } from "../source/open-registry.ts";
import { type Compatibility, checkCompatible } from "./check-compatible.ts";
import { type DescriptionKind, describeModule } from "./describe-module.ts";
import { openBuilt, type PackedModule, packModule } from "./pack-module.ts";
import { pushTagged } from "./push-tagged.ts";

/** What to publish, and as what. */
export interface PublishRequest {
  /** Folder of the module, or the archive or folder that `buildModule` wrote. */
  readonly path: string;
  /** `oci://registry/repository`. */
  readonly url: string;
  /** A built module knows its own. */
  readonly version?: string | undefined;
  /** Let the tag `latest` follow; unless given, it follows stable versions. */
  readonly latest?: boolean | undefined;
  /** `key=value` each. */
  readonly annotations?: readonly string[] | undefined;
  readonly creds?: string | undefined;
  /** Signs it; it is not signed without. */
  readonly key?: KeyObject | undefined;
  /** Move the version to another content where it is released. */
  readonly overwrite?: boolean | undefined;
  /** Compare it with what is published first, with these values beside its default ones. */
  readonly compatibility?: { readonly samples: readonly ValuesSample[] } | undefined;
}

/** A published module. */
export interface PublishedModule {
  readonly name: string;
  /** `oci://registry/repository@digest`. */
  readonly url: string;
  /** `registry/repository`. */
  readonly repository: string;
  readonly version: string;
  readonly digest: string;
  readonly tags: readonly string[];
  /** Its files are not all as the commit that it names has them. */
  readonly isUncommitted: boolean;
  /** Digest of the manifest with its signature, where it was signed. */
  readonly signature?: string | undefined;
  /** Digest of the manifest with the JSON Schema of its values, unless there is none. */
  readonly schema?: string | undefined;
  /** Why there is no schema: the module does not evaluate. */
  readonly schemaFailure?: TenonError | undefined;
  /** What goes along with it. */
  readonly attached: readonly AttachedDescription[];
  /** Why nothing goes along with it: the registry refuses it. */
  readonly attachFailure?: TenonError | undefined;
  /** How it goes on from the version before, where that was asked and there is one. */
  readonly compatibility?: Compatibility | undefined;
}

/** What goes along with a published module. */
export interface AttachedDescription {
  readonly kind: DescriptionKind;
  /** Name of the file, where it is one of the module. */
  readonly file?: string | undefined;
  /** Of the manifest that refers to the module. */
  readonly digest: string;
}

/**
 * Pushes a module under its version: a folder is packed first, a built one stays as it is. What
 * `describeModule` collects goes along as referrers, so that the module itself is the same whoever packs it.
 *
 * @throws DeployError `DEPLOY_VERSION_INVALID`, `DEPLOY_VERSION_RELEASED`, `DEPLOY_INCOMPATIBLE`
 * @throws SchemaError, OciError as `packModule`, `openBuilt`, `pushArtifact` and `signArtifact`
 */
export async function publishModule(
  context: DeployContext,
  request: PublishRequest,
): Promise<PublishedModule> {
  needNetwork(context, `push to ${request.url}`);
  await using packed = await packedModule(context, request);
  const { artifact, files: module, version } = packed;
  await using open = openTarget(context, request.url, request.creds);
  const compatibility =
    request.compatibility &&
    (await checkCompatible(context, open, {
      packed,
      samples: request.compatibility.samples,
      creds: request.creds,
    }));
  const isLatest = request.latest ?? isReleased(version);
  const tags = isLatest ? [version, latestTag] : [version];
  const { overwrite, key } = request;
  const { subject, signature } = await pushTagged(context, open, artifact, {
    tags,
    overwrite,
    key,
  });
  const { digest } = subject;
  const attachments = await attachAll(context, { open, packed, subject });
  return {
    name: moduleName(module),
    url: `${open.name}@${digest}`,
    repository: open.name.replace("oci://", ""),
    version,
    digest,
    tags,
    isUncommitted: UNCOMMITTED_ANNOTATION in artifact.annotations,
    ...(signature && { signature: signature.digest }),
    ...(compatibility && { compatibility }),
    schema: attachments.attached.find(({ kind }) => kind === "schema")?.digest,
    ...attachments,
  };
}

async function attachAll(
  context: DeployContext,
  {
    open: { registry, reference },
    packed,
    subject,
  }: {
    readonly open: OpenRegistry;
    readonly packed: PackedModule;
    readonly subject: Descriptor;
  },
): Promise<Pick<PublishedModule, "attached" | "attachFailure" | "schemaFailure">> {
  const { descriptions, schemaFailure } = await describeModule(context, packed);
  const files = descriptions.map(({ file }) => file);
  const { signal } = context;
  try {
    const digests = await attachFiles(registry, reference.repository, subject, files, { signal });
    const attached = descriptions.map(({ kind, file: { fileAnnotations } }, index) => {
      const file = kind === "license" ? fileAnnotations?.[TITLE_ANNOTATION] : undefined;
      return { kind, ...(file !== undefined && { file }), digest: digests[index]! };
    });
    return { attached, schemaFailure };
  } catch (error) {
    // The module is published, and of use without them.
    if (error instanceof TenonError) return { attached: [], schemaFailure, attachFailure: error };
    throw error;
  }
}

async function packedModule(
  context: DeployContext,
  { path, version, annotations }: PublishRequest,
): Promise<PackedModule> {
  if (await isBuilt(path)) return openBuilt(context, { path, version, annotations });
  if (version !== undefined) return packModule(context, { dir: path, version, annotations });
  throw new DeployError("DEPLOY_VERSION_INVALID", `Cannot publish ${path}: it has no version`, {
    hint: "Give a version such as -v 1.2.3",
  });
}
