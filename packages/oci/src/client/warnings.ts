import { foreignText } from "../errors.ts";
import type { HostCache } from "./client-cache.ts";
import type { HttpResponse } from "./transport.ts";

/** What a registry has to say to whoever uses it. */
export interface RegistryWarning {
  readonly host: string;
  /** One line of at most 300 characters that can be printed. */
  readonly text: string;
}

/** Called once for each distinct text of a host. */
export type OnWarning = (warning: RegistryWarning) => void;

/** A registry that warns more often is not listened to any more. */
const maxWarnings = 20;

/**
 * Passes on what the `Warning` headers of an answer say for the first time.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#warnings
 */
export function tellWarnings(
  response: HttpResponse,
  host: string,
  known: HostCache["warnings"],
  onWarning: OnWarning,
): void {
  for (const text of response.headers("warning").flatMap(warningTexts)) {
    if (text === "" || known.has(text) || known.size >= maxWarnings) continue;
    known.add(text);
    onWarning({ host, text });
  }
}

/** The texts of one header: those of code 299 without an agent or a date, as the specification wants them. */
function warningTexts(header: string): string[] {
  const found = header
    .slice(0, 4096)
    .matchAll(/(?:^|,)\s*299 - "((?:[^"\\]|\\.)*)"(?=\s*(?:,|$))/g);
  return [...found].map(([, text]) => foreignText(text!.replace(/\\(.)/g, "$1")));
}
