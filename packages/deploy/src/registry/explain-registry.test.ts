import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { explainRegistry } from "./explain-registry.ts";

const digest = `sha256:${"b".repeat(64)}`;
const basic = Buffer.from("ann:pa55word").toString("base64");
let home = "";
let server: Server;
let host = "";

/** A registry with a token service that knows one user. */
beforeAll(async () => {
  server = createServer((request, response) => {
    const { authorization } = request.headers;
    if (request.url?.startsWith("/token")) {
      const isAnn = authorization === `Basic ${basic}`;
      response.writeHead(isAnn ? 200 : 401).end(JSON.stringify({ token: "t0ken" }));
    } else if (authorization !== "Bearer t0ken") {
      const realm = `http://${host}/token`;
      const challenge = `Bearer realm="${realm}",service="test",scope="repository:org/app:pull"`;
      response.writeHead(401, { "www-authenticate": challenge }).end();
    } else if (request.url === "/v2/org/app/manifests/1.0") {
      const headers = {
        "content-type": "application/vnd.oci.image.manifest.v1+json",
        "content-length": 10,
        "docker-content-digest": digest,
        warning: '299 - "mind the gap"',
      };
      response.writeHead(200, headers).end();
    } else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  home = await mkdtemp(path.join(tmpdir(), "tenon-explain-"));
  await mkdir(path.join(home, ".docker"));
  const config = { auths: { [`${host}/org`]: { auth: basic } } };
  await writeFile(path.join(home, ".docker/config.json"), JSON.stringify(config));
  const conf = `[[registry]]
prefix = "example.com"
location = "${host}"
[[registry.mirror]]
location = "${host}/void"
[[registry.mirror]]
location = "${host}"
pull-from-mirror = "digest-only"
`;
  await writeFile(path.join(home, "r.conf"), conf);
});
afterAll(async () => {
  server.close();
  await rm(home, { recursive: true, force: true });
});

const explain = (url: string) =>
  explainRegistry(
    {
      env: { HOME: home, HTTPS_PROXY: "http://me:hidden@127.0.0.1:1", NO_PROXY: "127.0.0.1" },
      registriesConf: path.join(home, "r.conf"),
    },
    url,
  );

it("explainRegistry() tells of each place, credential and answer, and of no secret", async () => {
  const explanation = await explain("oci://example.com/org/app:1.0");
  expect(JSON.stringify(explanation)).not.toMatch(/pa55word|t0ken|hidden|Basic [A-Za-z0-9+/=]/);
  const [mirror, registry] = explanation.sources;
  expect(explanation).toMatchObject({
    digest,
    from: `${host}/org/app:1.0`,
    reference: { host: "example.com", repository: "org/app", wanted: "1.0", notes: [] },
    table: { entry: { prefix: "example.com", location: host, line: 1, leftOut: [host] } },
  });
  expect(mirror).toMatchObject({
    kind: "mirror",
    name: `${host}/void/org/app:1.0`,
    outcome: "failed",
    error: { code: "OCI_UNAUTHORIZED" },
  });
  expect(registry).toMatchObject({
    kind: "location",
    outcome: "found",
    credentials: [
      {
        place: path.join(home, ".docker/config.json"),
        result: `user ann, for ${host}/org`,
        found: true,
      },
    ],
  });
  const requests = registry!.requests.map(({ method, url, authorization, status }) =>
    [method, url.replaceAll(host, "HOST"), authorization, status].join(" "),
  );
  expect(requests).toMatchInlineSnapshot(`
    [
      "GET https://HOST/v2/ none ",
      "HEAD http://HOST/v2/org/app/manifests/1.0 none 401",
      "GET http://HOST/token?service=test&scope=repository:org/app:pull&client_id=tenon&account=ann basic 200",
      "HEAD http://HOST/v2/org/app/manifests/1.0 bearer 200",
    ]
  `);
  expect(registry!.requests.at(-1)!.warnings).toEqual(['299 - "mind the gap"']);
});

it("explainRegistry() says what was made of a short name, and where nothing was found", async () => {
  const env = { HOME: home, TENON_REGISTRIES_CONF: path.join(home, "hub.conf") };
  const conf = `[[registry]]\nprefix = "docker.io"\nlocation = "${host}/void"\n`;
  await writeFile(env.TENON_REGISTRIES_CONF, conf);
  const explanation = await explainRegistry({ env }, "oci://nginx");
  expect(explanation.digest).toBeUndefined();
  expect(explanation.reference).toEqual({
    given: "oci://nginx",
    host: "index.docker.io",
    repository: "library/nginx",
    wanted: "latest",
    notes: [
      "without a registry it is one of index.docker.io",
      "a name without a folder is in library/ there",
      "without a tag it is latest",
    ],
  });
  expect(explanation.sources[0]!.credentials.map(({ result }) => result)).toEqual([
    `nothing for ${host}`,
    "no such file",
  ]);
});
