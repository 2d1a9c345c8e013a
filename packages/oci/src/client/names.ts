import { isDigest } from "@tenon/core";

import { foreignText } from "../errors.ts";
import type { Access } from "./authorizer.ts";

/** A repository with what is meant in it, as messages name it. */
export function describe(host: string, repository: string, reference?: string): string {
  const name = foreignText(`${host}/${repository}`);
  if (reference === undefined) return name;
  return `${name}${isDigest(reference) ? "@" : ":"}${foreignText(reference)}`;
}

/** The right to read a repository. */
export function pullAccess(repository: string): Access {
  return { repository, scopes: [`repository:${repository}:pull`] };
}

/** The right to read and write a repository, and to read another one. */
export function pushAccess(repository: string, from?: string): Access {
  const other = from === undefined ? [] : [`repository:${from}:pull`];
  return { repository, scopes: [`repository:${repository}:pull,push`, ...other] };
}

/** The right to delete in a repository. */
export function deleteAccess(repository: string): Access {
  return { repository, scopes: [`repository:${repository}:delete,pull`] };
}
