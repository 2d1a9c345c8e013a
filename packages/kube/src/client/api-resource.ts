/** A kind that a server serves. */
export interface ApiResource {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Name in paths, such as `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** The answer of the aggregated discovery API. */
export interface AggregatedList {
  readonly kind: string;
  readonly items?: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly verbs: readonly string[];
      }[];
    }[];
  }[];
}

/** The kinds that an aggregated discovery answer lists. */
export function fromAggregated(list: AggregatedList): ApiResource[] {
  return (list.items ?? []).flatMap((item) =>
    item.versions.flatMap(({ version, resources }) =>
      (resources ?? []).map(({ resource, responseKind, scope, verbs }) => ({
        group: item.metadata.name ?? "",
        version,
        kind: responseKind.kind,
        plural: resource,
        namespaced: scope === "Namespaced",
        verbs,
      })),
    ),
  );
}

/** The apiVersion that objects of a resource carry. */
export function apiVersionOf({ group, version }: Pick<ApiResource, "group" | "version">): string {
  return group === "" ? version : `${group}/${version}`;
}
