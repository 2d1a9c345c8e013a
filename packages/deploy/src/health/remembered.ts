import type { HealthCheck } from "@tenon/kube";

type Status = ReturnType<HealthCheck>;

/** Waits look again and again; an object is only evaluated anew when it has changed. */
export function remembered(check: HealthCheck): HealthCheck {
  const last = new Map<string, { readonly version: string; readonly status: Status }>();
  return (json) => {
    const { metadata = {} } = JSON.parse(json) as { metadata?: Metadata };
    const { uid, resourceVersion: version } = metadata;
    if (uid === undefined || version === undefined) return check(json);
    const known = last.get(uid);
    if (known?.version === version) return known.status;
    const status = check(json);
    last.set(uid, { version, status });
    return status;
  };
}

interface Metadata {
  readonly uid?: string;
  readonly resourceVersion?: string;
}
