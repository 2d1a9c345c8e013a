import {
  type Diagnostic,
  formatRef,
  identityOf,
  kubeObject,
  type ObjectRef,
  refOf,
} from "@tenon/core";

import { assets } from "../assets.ts";
import { SchemaError } from "../errors.ts";
import { createKubernetesSchemas, type KubernetesSchemas } from "../kubernetes/index.ts";
import { checkMetadata } from "../render/check-metadata.ts";
import { appendSelector } from "../render/cue-path.ts";
import { andMore } from "../summary-of.ts";
import { cleanManifest } from "./clean-manifest.ts";
import {
  jsonOf,
  type ManifestMap,
  type ManifestNode,
  nodeAt,
  type Step,
  textAt,
} from "./manifest-node.ts";
import { type ManifestFile, parseDocuments } from "./parse-documents.ts";
import { settleNamespaces } from "./settle-namespaces.ts";

/** A Kubernetes object as a file holds it. */
export interface Manifest {
  readonly ref: ObjectRef;
  readonly node: ManifestMap;
  /** Paths of fields that were left out, as they are the API server's or say nothing. */
  readonly dropped: readonly string[];
  /** Whether Kubernetes itself has the kind. */
  readonly isBuiltIn: boolean;
}

/** The objects of one instance. */
export interface ManifestSet {
  readonly manifests: readonly Manifest[];
  /** The namespace that those objects go to which name none. */
  readonly namespace: string;
}

/**
 * Reads the objects of files as kubectl does: all documents, with lists taken apart. What the API
 * server writes (`status`, `managedFields` and the like) and fields that are null are left out.
 *
 * @param options.namespace for objects without one; unless given, the namespace that most others are in
 * @throws SchemaError `SCHEMA_MANIFEST_INVALID` with everything that is wrong, and where
 */
export async function readManifests(
  files: readonly ManifestFile[],
  options: { readonly namespace?: string | undefined } = {},
): Promise<ManifestSet> {
  const schemas = createKubernetesSchemas(assets.kubernetes);
  const parsed = files.map((file) => parseDocuments(file));
  const problems = parsed.flatMap((file) => file.problems);
  const manifests: Manifest[] = [];
  for (const node of parsed.flatMap(({ documents }) => documents.flatMap(takeApart))) {
    const read = await readObject(node, schemas);
    if ("problems" in read) problems.push(...read.problems);
    else manifests.push(read);
  }
  if (problems.length === 0 && manifests.length === 0) problems.push(nothing(files));
  if (problems.length > 0) throw manifestsInvalid(problems, files);
  const set = await settleNamespaces(manifests, schemas, options.namespace);
  const repeated = repetitions(set.manifests);
  if (repeated.length > 0) throw manifestsInvalid(repeated, files);
  return set;
}

function nothing(files: readonly ManifestFile[]): Diagnostic {
  const names = files.map(({ name }) => name).join(", ");
  return { text: `no Kubernetes object in ${names || "any file"}`, positions: [] };
}

function repetitions(manifests: readonly Manifest[]): Diagnostic[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const known = first.get(identityOf(manifest.ref));
    first.set(identityOf(manifest.ref), known ?? manifest);
    if (known === undefined) return [];
    const text = `${formatRef(manifest.ref)} is there twice`;
    return [{ text, positions: [manifest.node.at, known.node.at] }];
  });
}

/** The objects of a list; other documents are one object. */
function takeApart(node: ManifestNode): ManifestNode[] {
  const kind = textAt(node, "kind") ?? "";
  const items = nodeAt(node, "items");
  if (node.kind !== "map" || !kind.endsWith("List") || items?.kind !== "list") return [node];
  const apiVersion = nodeAt(node, "apiVersion");
  const inherited = new Map<string, ManifestNode>();
  if (kind !== "List" && apiVersion !== undefined) {
    inherited.set("apiVersion", apiVersion);
    inherited.set("kind", { at: node.at, kind: "text", value: kind.replace(/List$/, "") });
  }
  return items.items.flatMap((item) =>
    takeApart(
      item.kind === "map" ? { ...item, entries: new Map([...inherited, ...item.entries]) } : item,
    ),
  );
}

async function readObject(
  node: ManifestNode,
  schemas: KubernetesSchemas,
): Promise<Manifest | { readonly problems: readonly Diagnostic[] }> {
  const problem = (text: string, ...path: Step[]): Diagnostic => ({
    text,
    path: path.reduce<string>(appendSelector, ""),
    positions: [nearest(node, path).at],
  });
  if (node.kind !== "map") return { problems: [problem("not a Kubernetes object")] };
  const apiVersion = textAt(node, "apiVersion");
  const kind = textAt(node, "kind");
  if (apiVersion === undefined || kind === undefined) {
    const missing = apiVersion === undefined ? "apiVersion" : "kind";
    return { problems: [problem(`not a Kubernetes object: it has no ${missing}`)] };
  }
  if (apiVersion.startsWith("kustomize.config.k8s.io/")) {
    return { problems: [problem(`not a Kubernetes object: a ${kind} is for kustomize`, "kind")] };
  }
  const isBuiltIn = (await schemas.isNamespaced(apiVersion, kind)) !== undefined;
  const cleaned = cleanManifest(node, { dropNulls: isBuiltIn });
  const json = jsonOf(cleaned.node);
  const ofMetadata = checkMetadata(json);
  if (ofMetadata.length > 0) {
    return { problems: ofMetadata.map(({ text }) => problem(`${kind}: ${text}`, "metadata")) };
  }
  const object = kubeObject(json);
  const found = (await schemas.checkObject(object)).problems;
  if (found.length === 0) return { ref: refOf(object), isBuiltIn, ...cleaned };
  return {
    problems: found.map(({ message, path, suggestion }) => ({
      ...problem(`${kind} ${object.view.metadata.name}: ${message}`, ...path),
      notes: suggestion === undefined ? [] : [`did you mean ${JSON.stringify(suggestion)}?`],
    })),
  };
}

/** What a path leads to, or the last value on the way there. */
function nearest(node: ManifestNode, path: readonly Step[]): ManifestNode {
  for (let length = path.length; length > 0; length -= 1) {
    const found = nodeAt(node, ...path.slice(0, length));
    if (found !== undefined) return found;
  }
  return node;
}

function manifestsInvalid(
  problems: readonly Diagnostic[],
  files: readonly ManifestFile[],
): SchemaError {
  const [first] = problems;
  const file = first?.positions[0]?.file;
  return new SchemaError(
    "SCHEMA_MANIFEST_INVALID",
    `Cannot read manifests${file === undefined ? "" : ` of ${file}`}: ${first?.text}${andMore(problems)}`,
    { diagnostics: problems, hint: hintFor(problems, files) },
  );
}

function hintFor(problems: readonly Diagnostic[], files: readonly ManifestFile[]): string {
  if (files.some(({ content }) => Buffer.from(content).includes("{{"))) {
    return "Render a chart first: helm template APP CHART | tenon mod import - --name APP";
  }
  const isKustomization = files.some(({ name }) => /(^|[\\/])kustomization\.ya?ml$/i.test(name));
  if (isKustomization || problems.some(({ text }) => text.includes("kustomize"))) {
    return "Build a kustomization first: kubectl kustomize DIR | tenon mod import - --name APP";
  }
  return "Give manifests that kubectl apply takes";
}
