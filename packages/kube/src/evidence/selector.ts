import type { KubeObjectView } from "@tenon/core";

interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** The label selector of a workload as a list call takes it; nothing when it has none. */
export function selectorOf(view: KubeObjectView): string | undefined {
  const spec = view["spec"] as { readonly selector?: LabelSelector } | undefined;
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  const terms = [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      switch (operator) {
        case "Exists":
          return key;
        case "DoesNotExist":
          return `!${key}`;
        case "NotIn":
          return `${key} notin (${values.join(",")})`;
        default:
          return `${key} in (${values.join(",")})`;
      }
    }),
  ];
  return terms.length === 0 ? undefined : terms.join(",");
}
