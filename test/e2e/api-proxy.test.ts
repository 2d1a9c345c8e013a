import { once } from "node:events";
import { connect } from "node:net";

import { describe, expect, it } from "vitest";

import { startApiProxy } from "../support/api-proxy.ts";
import { sharedCluster } from "../support/shared-cluster.ts";
import { needs } from "../support/tools.ts";

const tools = needs("TENON_TEST_CLUSTER");

describe.skipIf(tools.missing)(`the API proxy of the tests${tools.reason}`, () => {
  it("is idle again when a client has gone in the middle of an answer", async () => {
    await using proxy = await startApiProxy(sharedCluster());
    const { hostname, port } = new URL(proxy.url);
    const client = connect(Number(port), hostname);
    proxy.reset(() => client.destroy());
    client.pause().write(`GET /openapi/v2 HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
    await once(client, "close");
    await proxy.idle();
    expect(proxy.calls).toEqual([{ method: "GET", path: "/openapi/v2", status: 200 }]);
  }, 20_000);
});
