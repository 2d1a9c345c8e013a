import { Agent, request } from "undici";

import { eventually } from "../../support/eventually.ts";
import { startCluster } from "../../support/start-cluster.ts";

/** A test cluster that is asked for its opinion. */
export interface ApiServer extends AsyncDisposable {
  /** Creates a custom resource definition, and waits until it is served. */
  define(definition: Manifest): Promise<void>;
  /** Why a strict creation of the object would fail; nothing when it would not. */
  refusesCreate(object: Manifest): Promise<string | undefined>;
  /** Why a strict server-side apply of the object would fail; nothing when it would not. */
  refusesApply(object: Manifest): Promise<string | undefined>;
}

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}

interface Access {
  readonly server: string;
  readonly token: string;
  readonly dispatcher: Agent;
}

/** Starts a test cluster of its own. */
export async function startApiServer(): Promise<ApiServer> {
  const cluster = await startCluster();
  const { server, token, ca } = cluster.info;
  const dispatcher = new Agent({ connect: { ca }, connections: 8 });
  const access = { server, token, dispatcher };
  const resources = new Map<string, Promise<Resources>>();

  async function urlOf(object: Manifest, name: string): Promise<string> {
    const { apiVersion, kind } = object;
    const base = `${access.server}/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
    if (!resources.has(apiVersion)) resources.set(apiVersion, readResources(access, base));
    const resource = (await resources.get(apiVersion)!).get(kind);
    const scope = resource?.namespaced ? "/namespaces/default" : "";
    return `${base}${scope}/${resource?.name ?? kind.toLowerCase()}${name}`;
  }

  return {
    async define(definition) {
      const url = await urlOf(definition, "");
      const refused = await refusal(access, url, "POST", "application/json", definition);
      if (refused !== undefined) throw new Error(refused);
      await served(access, definition);
    },
    async refusesCreate(object) {
      const url = `${await urlOf(object, "")}?dryRun=All&fieldValidation=Strict`;
      return refusal(access, url, "POST", "application/json", object);
    },
    async refusesApply(object) {
      const query = "dryRun=All&fieldValidation=Strict&fieldManager=test&force=true";
      const url = `${await urlOf(object, `/${encodeURIComponent(object.metadata.name)}`)}?${query}`;
      return refusal(access, url, "PATCH", "application/apply-patch+yaml", object);
    },
    async [Symbol.asyncDispose]() {
      await dispatcher.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

async function served(access: Access, { spec }: Manifest): Promise<void> {
  const { group, versions, names } = spec as {
    group: string;
    versions: { name: string }[];
    names: { kind: string };
  };
  const url = `${access.server}/apis/${group}/${versions[0]!.name}`;
  await eventually(
    async () => ((await readResources(access, url)).has(names.kind) ? true : undefined),
    { what: `${names.kind} to be served` },
  );
}

type Resources = ReadonlyMap<string, { readonly name: string; readonly namespaced: boolean }>;

async function readResources(access: Access, url: string): Promise<Resources> {
  const { statusCode, body } = await request(url, options(access));
  if (statusCode !== 200) return new Map();
  const list = (await body.json()) as {
    resources: { name: string; kind: string; namespaced: boolean }[];
  };
  const main = list.resources.filter(({ name }) => !name.includes("/"));
  return new Map(main.map((resource) => [resource.kind, resource]));
}

async function refusal(
  access: Access,
  url: string,
  method: "POST" | "PATCH",
  type: string,
  object: Manifest,
): Promise<string | undefined> {
  const { statusCode, body } = await request(url, {
    ...options(access, { "content-type": type }),
    method,
    body: JSON.stringify(object),
  }).catch((error: NodeJS.ErrnoException) => {
    // The API server's own validation panics on a few objects and drops the connection.
    if (error.code === "UND_ERR_SOCKET") return { statusCode: 500, body: new Response("panic") };
    throw error;
  });
  const text = await body.text();
  if (statusCode < 300) return undefined;
  return `${statusCode} ${text.startsWith("{") ? (JSON.parse(text) as { message: string }).message : text}`;
}

function options(access: Access, headers: Record<string, string> = {}) {
  const { token, dispatcher } = access;
  return { dispatcher, headers: { authorization: `Bearer ${token}`, ...headers } };
}
