import { describe, expect, it } from "vitest";

import { proxyFor } from "./proxy.ts";

describe("proxyFor()", () => {
  it.each([
    ["https://api.example.com", {}, undefined],
    ["https://api.example.com", { HTTPS_PROXY: "http://p:1" }, "http://p:1"],
    ["https://api.example.com", { https_proxy: "p:1" }, "http://p:1"],
    ["http://api.example.com", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["http://api.example.com", { HTTP_PROXY: "http://p:1" }, "http://p:1"],
    ["https://127.0.0.1:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://localhost", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://[::1]:6443", { HTTPS_PROXY: "http://p:1" }, undefined],
    ["https://api.example.com", { HTTPS_PROXY: "http://p:1", NO_PROXY: "*" }, undefined],
    ["https://api.example.com", { HTTPS_PROXY: "http://p:1", NO_PROXY: "example.com" }, undefined],
    ["https://example.com", { HTTPS_PROXY: "http://p:1", NO_PROXY: ".example.com" }, "http://p:1"],
    [
      "https://badexample.com",
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "example.com" },
      "http://p:1",
    ],
    [
      "https://a.example.com",
      { HTTPS_PROXY: "http://p:1", NO_PROXY: "x, *.example.com" },
      undefined,
    ],
    ["https://a:6443", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a:443" }, "http://p:1"],
    ["https://a:6443", { HTTPS_PROXY: "http://p:1", NO_PROXY: "a:6443" }, undefined],
    ["https://10.1.2.3", { HTTPS_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }, undefined],
    ["https://11.1.2.3", { HTTPS_PROXY: "http://p:1", NO_PROXY: "10.0.0.0/8" }, "http://p:1"],
  ])("%s with %j goes through %s", (server, env, proxy) => {
    expect(proxyFor(server, env)).toBe(proxy);
  });
});
