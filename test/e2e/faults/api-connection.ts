import { Agent } from "undici";

import type { ClusterInfo } from "../../support/start-cluster.ts";

/** A pool of connections to an API server as its administrator. */
export interface ApiConnection extends AsyncDisposable {
  readonly server: string;
  readonly token: string;
  readonly agent: Agent;
}

/** Connects to a cluster; nothing is sent yet. */
export function connectTo({ server, token, ca }: ClusterInfo): ApiConnection {
  const agent = new Agent({ connect: { ca }, bodyTimeout: 0 });
  return { server, token, agent, [Symbol.asyncDispose]: () => agent.destroy() };
}
