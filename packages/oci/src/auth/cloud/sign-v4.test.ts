import { expect, it } from "vitest";

import { signV4 } from "./sign-v4.ts";

const keys = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};
const options = {
  keys,
  region: "us-east-1",
  service: "service",
  now: Date.parse("2015-08-30T12:36:00Z"),
};

// Cases of AWS's published test suite for Signature Version 4.
it.each([
  [
    "get-vanilla",
    "GET",
    "",
    {},
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  ],
  [
    "post-vanilla",
    "POST",
    "",
    {},
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  ],
  [
    "get-vanilla-query-order-key-case",
    "GET",
    "?Param1=value1&Param2=value2",
    {},
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  ],
  [
    "post-x-www-form-urlencoded",
    "POST",
    "",
    { "content-type": "application/x-www-form-urlencoded" },
    "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  ],
  [
    "get-header-value-trim",
    "GET",
    "",
    { "My-Header1": " value1", "My-Header2": ' "a   b   c"' },
    "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  ],
] as const)("signV4() signs %s as AWS does", (name, method, query, headers, signature) => {
  const body = name === "post-x-www-form-urlencoded" ? "Param1=value1" : "";
  const url = new URL(`https://example.amazonaws.com/${query}`);
  const signed = signV4({ method, url, headers, body }, options);
  expect(signed["authorization"]).toContain(`Signature=${signature}`);
});
