import { isDigest } from "@tenon/core";

import { OciError, foreignText } from "./errors.ts";

/** The error for a repository that is not there. */
export function unknownName(repository: string): OciError {
  const name = foreignText(repository);
  return new OciError("OCI_NAME_UNKNOWN", `Cannot find repository ${name}: it does not exist`, {
    hint: "Check the name of the repository",
  });
}

/** The error for a tag or digest that is not there. */
export function unknownManifest(repository: string, reference: string): OciError {
  const name = `${foreignText(repository)}${isDigest(reference) ? "@" : ":"}${foreignText(reference)}`;
  return new OciError("OCI_MANIFEST_UNKNOWN", `Cannot find manifest ${name}: it does not exist`);
}

/** The error for a blob that is not there. */
export function unknownBlob(repository: string, digest: string): OciError {
  const name = `${foreignText(repository)}@${digest}`;
  return new OciError("OCI_BLOB_UNKNOWN", `Cannot find blob ${name}: it does not exist`);
}
