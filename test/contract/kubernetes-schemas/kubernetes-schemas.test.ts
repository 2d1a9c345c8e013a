import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { kubeObject } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import { createKubernetesSchemas } from "../../../packages/schema/src/kubernetes/index.ts";
import { openSchemaFiles } from "../../../packages/schema/src/kubernetes/schema-files.ts";
import type { ApiServer, Manifest } from "./api-server.ts";
import { startApiServer } from "./api-server.ts";
import { crossCheck } from "./cross-check.ts";
import { readTypedFields } from "./typed-fields.ts";

const generated = new URL("../../../packages/schema/dist/kubernetes/", import.meta.url);
const binary = process.env.TENON_TEST_CLUSTER;
if (binary === undefined && process.env.CI === "true")
  throw new Error("TENON_TEST_CLUSTER is not set");

describe.skipIf(binary === undefined)("checkObject() against a server (TENON_TEST_CLUSTER)", () => {
  const schemas = createKubernetesSchemas(generated);
  let server: ApiServer;
  let objects: readonly Manifest[];

  beforeAll(async () => {
    server = await startApiServer();
    const text = await readFile(new URL("objects.yaml", import.meta.url), "utf8");
    objects = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("takes what the server takes", async () => {
    for (const object of objects) {
      const check = await schemas.checkObject(kubeObject(JSON.stringify(object)));
      const verdict = [await server.refusesCreate(object), await server.refusesApply(object)];
      const name = `${object.kind} ${object.metadata.name}`;
      expect({ name, verdict, ...check }).toEqual({
        name,
        verdict: [undefined, undefined],
        status: "checked",
        problems: [],
      });
    }
  });

  test("reports only what the server refuses, and each of its rules is one of the server's", async () => {
    const fields = await readTypedFields(openSchemaFiles(fileURLToPath(generated)));
    const { falseAlarms, proven, reported } = await crossCheck(
      server,
      schemas,
      objects,
      ({ apiVersion, kind }, { path }) => fields.nameOf(apiVersion, kind, path),
    );
    expect(falseAlarms).toEqual([]);
    expect([...fields.constrained].filter((field) => !proven.has(field))).toEqual([]);
    expect(reported).toBeGreaterThan(10_000);
  });

  // What takes more than the types to see: the server's own validation of values.
  test.each([
    ["a name that is no DNS label", "{metadata: {name: Bad_Name}}"],
    ["a label with a space", "{metadata: {name: a, labels: {a: b c}}}"],
    ["a negative number of replicas", "{spec: {replicas: -1}}"],
    ["a selector that matches no pod", "{spec: {selector: {matchLabels: {app: other}}}}"],
    ["a pod without containers", "{spec: {template: {spec: {containers: []}}}}"],
    [
      "a port beyond 65535",
      "{spec: {template: {spec: {containers: [{ports: [{containerPort: 70000}]}]}}}}",
    ],
    [
      "a mount without volume",
      "{spec: {template: {spec: {containers: [{volumeMounts: [{name: a, mountPath: /a}]}]}}}}",
    ],
    [
      "a limit below the request",
      "{spec: {template: {spec: {containers: [{resources: {limits: {cpu: 1}, requests: {cpu: 2}}}]}}}}",
    ],
    [
      "a probe of two kinds",
      "{spec: {template: {spec: {containers: [{livenessProbe: {exec: {command: [a]}, tcpSocket: {port: 1}}}]}}}}",
    ],
    ["an empty name", "{spec: {template: {spec: {containers: [{name: ''}]}}}}"],
  ])("leaves %s to the server", async (_, change) => {
    const object = merge(parse(deployment), parse(change)) as Manifest;
    const { problems } = await schemas.checkObject(kubeObject(JSON.stringify(object)));
    expect(problems).toEqual([]);
    expect(await server.refusesCreate(object)).toMatch(/is invalid/);
  });
});

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: a }
spec:
  selector: { matchLabels: { app: a } }
  template:
    metadata: { labels: { app: a } }
    spec: { containers: [{ name: a, image: a }] }
`;

function merge(base: unknown, change: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(change)) {
    return change.map((item, index) => merge(base[index], item));
  }
  if (typeof base !== "object" || base === null || typeof change !== "object") return change;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(change ?? {})) merged[key] = merge(merged[key], value);
  return merged;
}
