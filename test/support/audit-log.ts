import { readFile } from "node:fs/promises";

/** A request that the API server has answered. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly responseStatus?: { readonly code: number };
}

/** The requests of one user agent, in the order in which they were answered. */
export async function auditOf(file: string, userAgent: string): Promise<AuditEvent[]> {
  const text = await readFile(file, "utf8");
  return text
    .split("\n")
    .filter((line) => line.includes(userAgent))
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter((event) => event.userAgent === userAgent);
}

/** The requests that changed something, or tried to: dry runs are none. */
export function writesAmong(events: readonly AuditEvent[]): AuditEvent[] {
  return events
    .filter(({ verb }) => !["get", "list", "watch"].includes(verb))
    .filter(({ requestURI }) => !requestURI.includes("dryRun=All"));
}
