/** What the module `test/e2e/fixtures/adopt` renders. */
export interface WebOptions {
  readonly image?: string;
  readonly colour?: string;
  readonly password?: string;
  /** Added to every object. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Data of the ConfigMap that the module does not render. */
  readonly old?: boolean;
}

/** The objects that the module `test/e2e/fixtures/adopt` renders, as another tool would have them. */
export function webObjects(name: string, options: WebOptions = {}): Record<string, unknown>[] {
  const { image = "nginx:1", colour = "blue", password = "pass-one", old = false } = options;
  const labels = { app: name, ...options.labels };
  const metadata = { name, labels };
  const secretKeyRef = { name, key: "password" };
  const container = {
    name: "web",
    image,
    ports: [{ name: "http", containerPort: 80 }],
    env: [{ name: "PASSWORD", valueFrom: { secretKeyRef } }],
  };
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata,
      data: { colour, ...(old ? { old: "yes" } : {}) },
    },
    { apiVersion: "v1", kind: "Secret", metadata, stringData: { password } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
      },
    },
  ];
}

/** Objects as one YAML text: JSON is YAML. */
export function yamlOf(objects: readonly object[]): string {
  return objects.map((object) => `---\n${JSON.stringify(object)}\n`).join("");
}
