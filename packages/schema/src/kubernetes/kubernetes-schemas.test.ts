import { existsSync } from "node:fs";

import { kubeObject } from "@tenon/core";
import { describe, expect, test } from "vitest";

import type { ObjectCheck } from "./kubernetes-schemas.ts";
import { createKubernetesSchemas } from "./kubernetes-schemas.ts";

const generated = new URL("../../dist/kubernetes/", import.meta.url);
const missing = !existsSync(generated);
if (missing && process.env.CI === "true") throw new Error("The Kubernetes schemas are not built");

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", creationTimestamp: null },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: {
        containers: [
          {
            name: "web",
            image: "nginx",
            imagePullPolicy: "",
            ports: [
              { containerPort: 53, protocol: "TCP" },
              { containerPort: 53, protocol: "UDP" },
            ],
            resources: {
              limits: { cpu: 0.5, memory: "1Gi" },
              requests: { cpu: "100m", memory: 1e6 },
            },
          },
        ],
      },
    },
  },
  status: {},
};

describe.skipIf(missing)(
  "createKubernetesSchemas() (needs packages/schema/dist/kubernetes)",
  () => {
    const schemas = createKubernetesSchemas(generated);
    const check = (object: unknown): Promise<ObjectCheck> =>
      schemas.checkObject(kubeObject(JSON.stringify(object)));
    const problems = async (object: unknown): Promise<string[]> =>
      (await check(object)).problems.map(({ path, message, suggestion }) => {
        const meant = suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
        return `${path.join(".")}: ${message}${meant}`;
      });
    const container = (fields: object): Promise<string[]> => {
      const changed = structuredClone(deployment);
      Object.assign(changed.spec.template.spec.containers[0]!, fields);
      return problems(changed);
    };

    test("checkObject() takes a valid object", async () => {
      expect(await check(deployment)).toEqual({ status: "checked", problems: [] });
    });

    test("checkObject() reports every problem in document order", async () => {
      const object = {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "web", lables: {} },
        spec: {
          replica: 2,
          strategy: { type: "rollingUpdate" },
          template: { spec: { containers: [{ image: 7, imagePullPolicy: "Allways" }] } },
        },
      };
      expect(await problems(object)).toMatchInlineSnapshot(`
      [
        "metadata.lables: unknown field "lables" (did you mean labels?)",
        "spec.selector: required field "selector" is missing",
        "spec.replica: unknown field "replica" (did you mean replicas?)",
        "spec.strategy.type: expected one of "Recreate", "RollingUpdate", got "rollingUpdate" (did you mean RollingUpdate?)",
        "spec.template.spec.containers.0.name: required field "name" is missing",
        "spec.template.spec.containers.0.image: expected a string, got the number 7",
        "spec.template.spec.containers.0.imagePullPolicy: expected one of "Always", "IfNotPresent", "Never", got "Allways" (did you mean Always?)",
      ]
    `);
    });

    test("checkObject() reports values of another type", async () => {
      const fields = {
        args: "--verbose",
        command: [1, null, "a"],
        stdin: "true",
        env: { A: "1" },
        livenessProbe: { periodSeconds: 1.5, timeoutSeconds: 3e9, httpGet: { port: true } },
      };
      expect(await container(fields)).toMatchInlineSnapshot(`
      [
        "spec.template.spec.containers.0.args: expected a list, got "--verbose"",
        "spec.template.spec.containers.0.command.0: expected a string, got the number 1",
        "spec.template.spec.containers.0.stdin: expected true or false, got "true"",
        "spec.template.spec.containers.0.env: expected a list, got an object",
        "spec.template.spec.containers.0.livenessProbe.periodSeconds: expected an integer of 32 bits, got the number 1.5",
        "spec.template.spec.containers.0.livenessProbe.timeoutSeconds: expected an integer of 32 bits, got the number 3000000000",
        "spec.template.spec.containers.0.livenessProbe.httpGet.port: expected a string or an integer of 32 bits, got the boolean true",
      ]
    `);
    });

    test("checkObject() knows quantities", async () => {
      const limits = { cpu: "1x", memory: "1 Gi", a: true, b: "1.5Mi", c: "+1e-3", d: ".5", e: "" };
      expect(await container({ resources: { limits } })).toMatchInlineSnapshot(`
      [
        "spec.template.spec.containers.0.resources.limits.cpu: expected a quantity such as 0.5, "500m" or "2Gi", got "1x"",
        "spec.template.spec.containers.0.resources.limits.memory: expected a quantity such as 0.5, "500m" or "2Gi", got "1 Gi"",
        "spec.template.spec.containers.0.resources.limits.a: expected a quantity such as 0.5, "500m" or "2Gi", got the boolean true",
        "spec.template.spec.containers.0.resources.limits.e: expected a quantity such as 0.5, "500m" or "2Gi", got """,
      ]
    `);
    });

    test("checkObject() reports list elements with the same keys", async () => {
      const ports = [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }];
      expect(await container({ ports })).toMatchInlineSnapshot(`
      [
        "spec.template.spec.containers.0.ports.1: duplicate of element 0: containerPort 80, protocol "TCP"",
      ]
    `);
    });

    test("checkObject() keeps the values of secrets out of messages", async () => {
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } };
      const data = { a: "YWJj", b: "hunter2!" };
      expect(await problems({ ...secret, data, stringData: { pin: 1234 } })).toMatchInlineSnapshot(`
      [
        "data.b: expected base64 text, got a string",
        "stringData.pin: expected a string, got a number",
      ]
    `);
    });

    test("checkObject() asks nothing of a status but its types", async () => {
      const crd = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "a.example.com" },
      };
      const spec = { group: "example.com", scope: "Namespaced", names: { kind: "A", plural: "a" } };
      const status = {
        acceptedNames: { kind: "", plural: "" },
        conditions: null,
        storedVersions: [1],
      };
      expect(await problems({ ...crd, spec: { ...spec, versions: [] }, status }))
        .toMatchInlineSnapshot(`
      [
        "status.storedVersions.0: expected a string, got the number 1",
      ]
    `);
    });

    test("checkObject() does not know fields that every JavaScript object has", async () => {
      const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
      expect(await problems({ ...config, constructor: {} })).toMatchInlineSnapshot(`
      [
        "constructor: unknown field "constructor"",
      ]
    `);
    });

    test("checkObject() names what an unknown kind most likely stands for", async () => {
      const unknown = [
        "apps/v1 Deploymnet",
        "apps/v2 Deployment",
        "app/v1 Deployment",
        "v1 Deployment",
        "apps/v1 Ingress",
        "extensions/v1beta1 Ingress",
        "policy/v1beta1 PodSecurityPolicy",
        "batch/v1beta1 CronJob",
        "autoscaling/v2beta2 HorizontalPodAutoscaler",
        "networking.k8s.io/v2 Nothing",
      ];
      const found: string[] = [];
      for (const item of unknown) {
        const [apiVersion, kind] = item.split(" ");
        found.push(...(await problems({ apiVersion, kind, metadata: { name: "a" } })));
      }
      const version = await schemas.version();
      expect(found.map((line) => line.replaceAll(version, "VERSION"))).toMatchInlineSnapshot(`
        [
          "kind: Kubernetes VERSION has no kind Deploymnet in apps/v1 (did you mean Deployment?)",
          "apiVersion: Kubernetes VERSION has no Deployment in apps/v2 (did you mean apps/v1?)",
          "apiVersion: Kubernetes VERSION has no Deployment in app/v1 (did you mean apps/v1?)",
          "apiVersion: Kubernetes VERSION has no Deployment in v1 (did you mean apps/v1?)",
          "apiVersion: Kubernetes VERSION has no Ingress in apps/v1 (did you mean networking.k8s.io/v1?)",
          "apiVersion: Ingress of extensions/v1beta1 was removed in Kubernetes 1.22 (did you mean networking.k8s.io/v1?)",
          "apiVersion: Kubernetes VERSION has no PodSecurityPolicy in policy/v1beta1",
          "apiVersion: CronJob of batch/v1beta1 was removed in Kubernetes 1.25 (did you mean batch/v1?)",
          "apiVersion: Kubernetes VERSION has no HorizontalPodAutoscaler in autoscaling/v2beta2 (did you mean autoscaling/v2?)",
          "apiVersion: Kubernetes VERSION has no Nothing in networking.k8s.io/v2 (did you mean networking.k8s.io/v1?)",
        ]
      `);
    });

    test.each([
      ["cert-manager.io/v1", "Certificate"],
      ["gateway.networking.k8s.io/v1", "HTTPRoute"],
      ["resource.k8s.io/v1alpha3", "DeviceTaintRule"],
      ["v1", "List"],
    ])("checkObject() leaves %s %s unchecked", async (apiVersion, kind) => {
      const object = { apiVersion, kind, metadata: { name: "a" }, anything: 1 };
      expect(await check(object)).toEqual({ status: "unchecked", problems: [] });
    });

    test("isNamespaced() tells the scope of a kind", async () => {
      expect(await schemas.isNamespaced("apps/v1", "Deployment")).toBe(true);
      expect(await schemas.isNamespaced("v1", "Namespace")).toBe(false);
      expect(await schemas.isNamespaced("rbac.authorization.k8s.io/v1", "ClusterRole")).toBe(false);
      expect(await schemas.isNamespaced("cert-manager.io/v1", "Certificate")).toBeUndefined();
    });

    test("version() is that of the schemas", async () => {
      expect(await schemas.version()).toMatch(/^1\.\d+\.\d+$/);
    });
  },
);
