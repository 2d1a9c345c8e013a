import { pullModuleTo } from "@tenon/oci";

import { type RegistryContext, openRegistry, referenced } from "../source/open-registry.ts";
import { reportTransfer } from "../source/report-transfer.ts";

/** An artifact, and where to unpack it. */
export interface PullFilesRequest {
  /** `oci://registry/repository`, with a tag or a digest; `latest` unless given. */
  readonly url: string;
  readonly output: string;
  /** Take only the layers that say that they hold this; all unless given. */
  readonly contentType?: string | undefined;
  readonly creds?: string | undefined;
}

/**
 * Downloads an artifact, verifies it and unpacks it into a folder: all of it or nothing. The cache is for
 * modules, and is not used.
 *
 * @returns the digest of the artifact
 * @throws OciError as `pullModuleTo`
 */
export async function pullFiles(
  context: RegistryContext,
  request: PullFilesRequest,
): Promise<string> {
  await using open = openRegistry(context, request.url, request.creds);
  const { digest } = await pullModuleTo(open.registry, referenced(open.reference), request.output, {
    contentType: request.contentType,
    signal: context.signal,
    onProgress: (event) => reportTransfer(context, "pull", event),
  });
  return digest;
}
