import { type KubeObject, groupOf, suggest } from "@tenon/core";

import type { ObjectProblem } from "../check-value.ts";
import { isSlip } from "../is-slip.ts";
import { isRecord, recordOf, recordsOf, textOf } from "../rules/rule.ts";
import type { StructuralSchema } from "./structural-schema.ts";

/** The custom resources that objects of the same render define. */
export interface Definitions {
  /** What is known of a kind; nothing when none of the definitions is about it. */
  find(apiVersion: string, kind: string): CustomKind | undefined;
}

export type CustomKind =
  | {
      readonly schema: StructuralSchema;
      readonly namespaced: boolean;
      /** The status is written by a request of its own. */
      readonly hasStatus: boolean;
      /** What the definition says of those who still use this version. */
      readonly deprecation?: ObjectProblem | undefined;
    }
  | { readonly problem: ObjectProblem };

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly schema: StructuralSchema;
  readonly hasStatus: boolean;
  readonly isDeprecated: boolean;
  readonly warning: string;
}

/** Finds the definitions among objects. */
export function definitionsIn(objects: readonly KubeObject[]): Definitions {
  const kinds = new Map<string, { versions: Version[]; namespaced: boolean }>();
  for (const { view } of objects) {
    if (view.kind !== "CustomResourceDefinition") continue;
    if (groupOf(view.apiVersion) !== "apiextensions.k8s.io") continue;
    const { group, names, versions, scope } = recordOf(view["spec"]);
    const key = `${textOf(group)}/${textOf(recordOf(names)["kind"])}`;
    kinds.set(key, {
      versions: recordsOf(versions).map(([, version]) => readVersion(version)),
      namespaced: scope === "Namespaced",
    });
  }
  return {
    find(apiVersion, kind) {
      const found = kinds.get(`${groupOf(apiVersion)}/${kind}`);
      if (found === undefined) {
        const meant = [...kinds.keys()].find((key) => isNear(key, groupOf(apiVersion), kind));
        if (meant === undefined) return undefined;
        const message = `nothing defines ${kind} in ${groupOf(apiVersion)}`;
        return { problem: { path: ["kind"], message, suggestion: meant } };
      }
      const name = apiVersion.slice(apiVersion.indexOf("/") + 1);
      const version = found.versions.find((item) => item.name === name && item.served);
      if (version === undefined) {
        return { problem: unknownVersion(apiVersion, kind, found.versions) };
      }
      const { schema, hasStatus } = version;
      const deprecation = deprecationOf(version, apiVersion, kind, found.versions);
      return { schema, hasStatus, namespaced: found.namespaced, deprecation };
    },
  };
}

/** A slip in the group or in the kind; other kinds of the group may be defined elsewhere. */
function isNear(key: string, group: string, kind: string): boolean {
  const [ofKey, name] = key.split("/");
  return (ofKey === group && isSlip(kind, name!)) || (name === kind && isSlip(group, ofKey!));
}

function readVersion({
  name,
  served,
  schema,
  subresources,
  deprecated,
  deprecationWarning,
}: Readonly<Record<string, unknown>>): Version {
  const root = recordOf(schema)["openAPIV3Schema"];
  return {
    name: textOf(name),
    served: served !== false,
    // Without a schema there is nothing to compare with.
    schema: isRecord(root) ? root : { "x-kubernetes-preserve-unknown-fields": true },
    hasStatus: isRecord(recordOf(subresources)["status"]),
    isDeprecated: deprecated === true,
    warning: textOf(deprecationWarning),
  };
}

function deprecationOf(
  { isDeprecated, warning }: Version,
  apiVersion: string,
  kind: string,
  versions: readonly Version[],
): ObjectProblem | undefined {
  if (!isDeprecated) return undefined;
  const better = versions.find((version) => version.served && !version.isDeprecated);
  const message = warning === "" ? `${kind} of ${apiVersion} is deprecated` : warning;
  const meant = better === undefined ? {} : { suggestion: `${groupOf(apiVersion)}/${better.name}` };
  return { path: ["apiVersion"], message, ...meant, isWarning: true };
}

function unknownVersion(
  apiVersion: string,
  kind: string,
  versions: readonly Version[],
): ObjectProblem {
  const group = groupOf(apiVersion);
  const served = versions.filter((version) => version.served).map(({ name }) => `${group}/${name}`);
  const message = `the definition of ${kind} has no version ${apiVersion}: it has ${served.join(", ")}`;
  const meant = suggest(apiVersion, served);
  return { path: ["apiVersion"], message, ...(meant !== undefined && { suggestion: meant }) };
}
