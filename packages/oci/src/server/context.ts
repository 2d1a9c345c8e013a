import type { IncomingMessage, ServerResponse } from "node:http";

import type { LayoutRegistry } from "../layout/layout.ts";
import type { Registry } from "../registry.ts";
import type { Uploads } from "./uploads.ts";

/** What every verb of the server gets. */
export interface Exchange {
  readonly registry: Registry | LayoutRegistry;
  readonly uploads: Uploads;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}
