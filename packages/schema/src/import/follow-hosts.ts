import type { Text } from "./cue-text.ts";
import type { Draft } from "./draft.ts";
import { followingName } from "./plan-instance.ts";

const hostKey = /host|addr|url|uri|endpoint|server|service|broker/i;

/**
 * A setting in which the host names of the instance's own Services follow its name: `shop-db:5432`,
 * `redis://shop-redis`, `shop-db.apps.svc`, `shop-db-0.shop-db`. A text that is a name alone counts
 * if it has more than the instance's name, or if its key speaks of a host.
 */
export function followHosts(draft: Draft, text: string, key: string): Text {
  const services = namesOf(draft, "Service");
  if (services.length === 0) return [text];
  const pods = namesOf(draft, "StatefulSet");
  const pod = pods.length === 0 ? "()()" : `(?:(${pods.map(escape).join("|")})(-\\d+\\.))?`;
  const service = `(${services.map(escape).join("|")})(?:\\.(${escape(draft.plan.namespace)}))?`;
  const parts: Text[number][] = [];
  let done = 0;
  for (const match of text.matchAll(new RegExp(`(?<![\\w.-])${pod}${service}(?![\\w-])`, "g"))) {
    const [all, podName, ordinal = "", name = "", namespace] = match;
    const end = match.index + all.length;
    const isQualified = Boolean(podName) || namespace !== undefined;
    if (!isQualified && !isHost({ text, key, start: match.index, end }, name, draft)) continue;
    parts.push(text.slice(done, match.index));
    if (podName) parts.push(...followingName(podName, draft.plan)!, ordinal);
    parts.push(...followingName(name, draft.plan)!);
    if (namespace !== undefined) parts.push(".", { metadata: "namespace" });
    done = end;
  }
  return [...parts, text.slice(done)].filter((part) => part !== "");
}

/** The names that follow the instance's; the longest first, as one may begin with another. */
function namesOf({ manifests, plan }: Draft, kind: string): string[] {
  return manifests
    .filter(({ ref }) => ref.kind === kind && followingName(ref.name, plan) !== undefined)
    .map(({ ref }) => ref.name)
    .toSorted((a, b) => b.length - a.length);
}

/** Tells whether a name without its namespace is that of a host. */
function isHost(
  found: {
    readonly text: string;
    readonly key: string;
    readonly start: number;
    readonly end: number;
  },
  name: string,
  { plan }: Draft,
): boolean {
  const before = found.text.slice(0, found.start);
  const after = found.text.slice(found.end);
  if (before === "" && after === "") return name !== plan.name || hostKey.test(found.key);
  return /^:\d|^\.svc\b/.test(after) || /(:\/\/|@)$/.test(before);
}

function escape(text: string): string {
  return text.replace(/[.\\+*?[^\]$(){}=!<>|:-]/g, "\\$&");
}
