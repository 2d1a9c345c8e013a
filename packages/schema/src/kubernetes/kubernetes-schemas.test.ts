import { existsSync } from "node:fs";

import { kubeObject } from "@tenon/core";
import { describe, expect, test } from "vitest";

import { definitionsIn } from "./custom/definitions.ts";
import type { CheckOptions, ObjectCheck } from "./kubernetes-schemas.ts";
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
    const check = (object: unknown, options: CheckOptions = {}): Promise<ObjectCheck> =>
      schemas.checkObject(kubeObject(JSON.stringify(object)), options);
    const problems = async (object: unknown, options?: CheckOptions): Promise<string[]> =>
      (await check(object, options)).problems.map(({ path, message, suggestion, isWarning }) => {
        const meant = suggestion === undefined ? "" : ` (did you mean ${suggestion}?)`;
        return `${isWarning === true ? "warning: " : ""}${path.join(".")}: ${message}${meant}`;
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
          "spec.template.spec.containers.0.resources.limits.b: "b" is no resource: expected cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS prefix",
          "spec.template.spec.containers.0.resources.limits.c: "c" is no resource: expected cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS prefix",
          "spec.template.spec.containers.0.resources.limits.d: "d" is no resource: expected cpu, memory, ephemeral-storage, hugepages-SIZE or a name with a DNS prefix",
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
            "spec.versions: exactly one version must have storage, not 0",
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

    test("checkObject() does not take names for those of JavaScript", async () => {
      const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
      expect(await problems({ ...config, kind: "constructor" })).toEqual([
        expect.stringMatching(/^kind: Kubernetes \S+ has no kind constructor in v1$/),
      ]);
      expect(await problems({ ...config, apiVersion: "constructor", kind: "name" })).toEqual([
        expect.stringMatching(/^apiVersion: Kubernetes \S+ has no name in constructor$/),
      ]);
      expect(await problems({ ...config, kind: "Secret", type: "constructor" })).toEqual([]);
      const quota = { ...config, kind: "ResourceQuota" };
      expect(await problems({ ...quota, spec: { scopes: ["constructor"] } })).toEqual([
        expect.stringContaining('spec.scopes.0: expected one of "BestEffort"'),
      ]);
      expect(await container({ constructor: {}, resources: { limits: { cpu: "1constructor" } } }))
        .toMatchInlineSnapshot(`
        [
          "spec.template.spec.containers.0.resources.limits.cpu: expected a quantity such as 0.5, "500m" or "2Gi", got "1constructor"",
          "spec.template.spec.containers.0.constructor: unknown field "constructor"",
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

    describe("checkObject() for another Kubernetes version", () => {
      const withHostname = structuredClone(deployment);
      Object.assign(withHostname.spec.template.spec, { hostnameOverride: "web" });
      Object.assign(withHostname.spec, { replicas: -1 });
      const kind = (apiVersion: string, name: string) => ({
        apiVersion,
        kind: name,
        metadata: { name: "a" },
      });

      test("knows the fields that came later, and only warns of what it may validate otherwise", async () => {
        expect(await problems(withHostname)).toEqual([
          "spec.replicas: expected a number of at least 0, got the number -1",
        ]);
        expect(await problems(withHostname, { kubeVersion: "1.33.4" })).toEqual([
          'spec.template.spec.hostnameOverride: field "hostnameOverride" came with Kubernetes 1.34, and 1.33 does not have it',
          "warning: spec.replicas: expected a number of at least 0, got the number -1",
        ]);
      });

      test("knows the kinds that came later, and those that are removed later", async () => {
        const cidr = kind("networking.k8s.io/v1", "ServiceCIDR");
        expect(await problems(cidr, { kubeVersion: "1.32" })).toEqual([
          "apiVersion: ServiceCIDR of networking.k8s.io/v1 came with Kubernetes 1.33, and 1.32 does not have it",
        ]);
        const flow = kind("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema");
        expect(await problems(flow, { kubeVersion: "1.31" })).toEqual([
          "warning: apiVersion: FlowSchema of flowcontrol.apiserver.k8s.io/v1beta3 is deprecated: Kubernetes 1.32 removed it (did you mean flowcontrol.apiserver.k8s.io/v1?)",
        ]);
      });

      test("warns where nothing is known of the version", async () => {
        for (const kubeVersion of ["1.20", "1.99"]) {
          expect(await problems(kind("apps/v1", "Deploy"), { kubeVersion })).toEqual([
            expect.stringMatching(/^warning: kind: Kubernetes 1\.\d+ has no kind Deploy/),
          ]);
        }
      });

      test("warns of kinds that are deprecated", async () => {
        const endpoints = kind("v1", "Endpoints");
        expect(await problems(endpoints)).toEqual([
          "warning: kind: Endpoints of v1 is deprecated since Kubernetes 1.33: use discovery.k8s.io/v1 EndpointSlice",
        ]);
        expect(await problems(endpoints, { kubeVersion: "1.32" })).toEqual([]);
      });
    });

    describe("checkObject() with definitions of the same render", () => {
      const definition = {
        apiVersion: "apiextensions.k8s.io/v1",
        kind: "CustomResourceDefinition",
        metadata: { name: "shops.a.example" },
        spec: {
          group: "a.example",
          names: { kind: "Shop", plural: "shops" },
          scope: "Namespaced",
          versions: ["v1beta1", "v1"].map((name) => ({
            name,
            served: true,
            storage: name === "v1",
            deprecated: name === "v1beta1",
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
              },
            },
          })),
        },
      };
      const definitions = definitionsIn([kubeObject(JSON.stringify(definition))]);
      const shop = (changes: object) =>
        problems(
          {
            apiVersion: "a.example/v1",
            kind: "Shop",
            metadata: { name: "a" },
            spec: { size: 1 },
            ...changes,
          },
          { definitions, kubeVersion: "1.33" },
        );

      test("compares custom resources with them, whatever the Kubernetes version", async () => {
        expect(await shop({})).toEqual([]);
        expect(await shop({ spec: { size: "a" } })).toEqual([
          'spec.size: expected an integer, got "a"',
        ]);
        expect(await shop({ metadata: { name: "a", label: {} } })).toEqual([
          'metadata.label: unknown field "label" (did you mean labels?)',
        ]);
      });

      test("takes fields for their own, not for those of JavaScript", async () => {
        const properties = {
          constructor: { type: "string", format: "constructor", default: "a" },
          map: {
            type: "object",
            additionalProperties: { type: "integer", default: 1 },
          },
          open: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
        };
        const changed = structuredClone(definition);
        Object.assign(changed.spec.versions[1]!.schema.openAPIV3Schema, {
          properties: { spec: { type: "object", required: ["constructor"], properties } },
        });
        const options = { definitions: definitionsIn([kubeObject(JSON.stringify(changed))]) };
        const found = (spec: object): Promise<string[]> =>
          problems(
            { apiVersion: "a.example/v1", kind: "Shop", metadata: { name: "a" }, spec },
            options,
          );
        expect(await found({ open: { constructor: { toString: null } } })).toEqual([]);
        expect(await found({ constructor: "b", map: { toString: "c" } })).toEqual([
          'spec.map.toString: expected an integer, got "c"',
        ]);
      });

      test("names the version to use", async () => {
        expect(await shop({ apiVersion: "a.example/v1beta1" })).toEqual([
          "warning: apiVersion: Shop of a.example/v1beta1 is deprecated (did you mean a.example/v1?)",
        ]);
        expect(await shop({ apiVersion: "a.example/v2" })).toEqual([
          "apiVersion: the definition of Shop has no version a.example/v2: it has a.example/v1beta1, a.example/v1 (did you mean a.example/v1?)",
        ]);
      });

      test("takes slips for slips, and other kinds and groups for those of others", async () => {
        expect(await shop({ kind: "Shp" })).toEqual([
          "kind: nothing defines Shp in a.example (did you mean a.example/Shop?)",
        ]);
        expect(await shop({ kind: "Shop2" })).toEqual([]);
        expect(await shop({ kind: "Stock" })).toEqual([]);
        expect(await shop({ apiVersion: "b.other.example/v1" })).toEqual([]);
      });
    });

    test("checkObject() compares labels with a selector as the API server reads them", async () => {
      const changed = structuredClone(deployment);
      Object.assign(changed.spec.selector.matchLabels, { app: "" });
      Object.assign(changed.spec.template.metadata.labels, { app: null });
      expect(await problems(changed)).toEqual([]);
    });

    test("checkObject() reads null as the API server does: no field, but a key and an element", async () => {
      expect(await container({ ports: null, livenessProbe: null })).toEqual([]);
      expect(await container({ ports: [null] })).toEqual([
        expect.stringContaining('required field "containerPort" is missing'),
      ]);
      const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } };
      const data = { "tls.crt": null, "tls.key": null };
      expect(await problems({ ...secret, type: "kubernetes.io/tls", data })).toEqual([]);
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
