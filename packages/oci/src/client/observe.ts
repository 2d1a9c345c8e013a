import { printable } from "@tenon/core";

import { foreignText } from "../errors.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { errnoOf, networkReason } from "./response-error.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

/** A request and what came of it. No secret stands in it. */
export interface HttpExchange {
  readonly method: string;
  /** Without what may be secret in its query. */
  readonly url: string;
  /** What was sent to prove who asks. */
  readonly authorization: "none" | "basic" | "bearer" | "identity token";
  /** Nothing if there was no answer. */
  readonly status?: number | undefined;
  /** Why there was no answer. */
  readonly error?: string | undefined;
  /** What the registry wants proved, and where. */
  readonly challenges: readonly Challenge[];
  readonly warnings: readonly string[];
  /** Where the answer came from, if the request was sent on. */
  readonly redirectedTo?: string | undefined;
}

/** Makes a transport that tells of all that it sends. */
export function observeTransport(
  transport: Transport,
  onExchange: (exchange: HttpExchange) => void,
): Transport {
  return {
    close: () => transport.close(),
    async send(request) {
      const sent = describeRequest(request);
      try {
        const response = await transport.send(request);
        onExchange({ ...sent, ...describeResponse(request, response) });
        return response;
      } catch (error) {
        const reason = networkReason(errnoOf(error), error);
        onExchange({ ...sent, error: reason, challenges: [], warnings: [] });
        throw error;
      }
    },
  };
}

function describeRequest({
  method,
  url,
  authorization,
  redirects,
}: HttpRequest): Pick<HttpExchange, "method" | "url" | "authorization"> {
  const scheme = authorization?.split(" ", 1)[0]?.toLowerCase();
  const known = scheme === "basic" || scheme === "bearer" ? scheme : "none";
  return {
    method,
    url: shownUrl(url),
    authorization: redirects === "same-origin" ? "identity token" : known,
  };
}

function describeResponse(
  request: HttpRequest,
  response: HttpResponse,
): Pick<HttpExchange, "status" | "challenges" | "warnings" | "redirectedTo"> {
  const challenges = parseChallenges(response.headers("www-authenticate")).slice(0, 4);
  return {
    status: response.status,
    challenges: challenges.map(({ scheme, parameters }) => ({
      scheme: foreignText(scheme, 40),
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([key, value]) => [
          foreignText(key, 40),
          foreignText(value),
        ]),
      ),
    })),
    warnings: response.headers("warning").map((text) => foreignText(text)),
    ...(response.url.href !== request.url.href && { redirectedTo: shownUrl(response.url) }),
  };
}

const openParameters = ["service", "scope", "account", "client_id", "n", "last", "artifactType"];

/** Signatures and tokens of other parameters are left out. */
function shownUrl(url: URL): string {
  const shown = new URL(url.pathname, url.origin);
  for (const [name, value] of url.searchParams) {
    shown.searchParams.append(name, openParameters.includes(name) ? value : "***");
  }
  const text = shown.href.replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");
  return printable(text).slice(0, 500);
}
