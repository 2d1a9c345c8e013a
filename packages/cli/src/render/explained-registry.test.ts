import { expect, it } from "vitest";

import { explainedRegistry } from "./explained-registry.ts";

it("explainedRegistry() tells each step in its order, in plain lines", () => {
  const { text, exitCode } = explainedRegistry({
    reference: {
      given: "oci://nginx",
      host: "index.docker.io",
      repository: "library/nginx",
      wanted: "latest",
      notes: ["without a tag it is latest"],
    },
    table: {
      files: ["/etc/containers/registries.conf"],
      entry: {
        prefix: "docker.io",
        location: "hub.example",
        file: "/etc/containers/registries.conf",
        line: 3,
        leftOut: ["digests.example"],
      },
    },
    sources: [
      {
        kind: "mirror",
        name: "near.example/library/nginx:latest",
        outcome: "failed",
        proxy: "http://proxy.example:3128",
        tls: { insecure: "the mirror table" },
        credentials: [
          { place: "/home/ann/.docker/config.json", result: "no such file", found: false },
          { place: "docker-credential-box", result: "user ann, for near.example", found: true },
        ],
        requests: [
          {
            method: "HEAD",
            url: "https://near.example/v2/",
            authorization: "none",
            status: 401,
            challenges: [{ scheme: "bearer", parameters: { realm: "https://auth.example/t" } }],
            warnings: ['299 - "\u001b[31msoon"'],
          },
          {
            method: "GET",
            url: "https://auth.example/t?scope=repository:library/nginx:pull",
            authorization: "basic",
            error: "connection refused",
            challenges: [],
            warnings: [],
          },
        ],
        error: { code: "OCI_UNREACHABLE", message: "Cannot authenticate" },
      },
      {
        kind: "location",
        name: "hub.example/library/nginx:latest",
        outcome: "failed",
        tls: { extraAuthorities: "/ca.pem" },
        credentials: [],
        requests: [],
        error: { code: "OCI_UNREACHABLE", message: "Cannot reach it", hint: "Check the name" },
      },
    ],
  });
  expect(exitCode).toBe(1);
  expect(text).toMatchInlineSnapshot(`
    "reference oci://nginx
      read as index.docker.io/library/nginx:latest
      without a tag it is latest
    mirror table /etc/containers/registries.conf
      entry docker.io, which is at hub.example (/etc/containers/registries.conf, line 3)
      mirror digests.example is not asked: by pull-from-mirror
    1. mirror near.example/library/nginx:latest: failed
       proxy http://proxy.example:3128
       TLS any certificate, and plain HTTP, because of the mirror table
       credentials /home/ann/.docker/config.json: no such file
       credentials docker-credential-box: user ann, for near.example (used)
       HEAD https://near.example/v2/ anonymous: 401
         wants bearer realm=https://auth.example/t
         warns 299 - "[31msoon"
       GET https://auth.example/t?scope=repository:library/nginx:pull with user and password: connection refused
       Cannot authenticate [OCI_UNREACHABLE]
    2. registry hub.example/library/nginx:latest: failed
       proxy none
       TLS the authorities of Node.js and those of /ca.pem (NODE_EXTRA_CA_CERTS)
       credentials none: nobody asked for any
       Cannot reach it [OCI_UNREACHABLE]
    not found
    next: Check the name"
  `);
});
