import type { KeyObject } from "node:crypto";

import { isTenonError, messageOf } from "@tenon/core";
import { readPublicKey } from "@tenon/oci";
import type { ManifestNode } from "@tenon/schema";

import {
  type PolicyProblems,
  type PolicyReading,
  fieldsOf,
  itemsOf,
  textOf,
} from "./policy-fields.ts";
import type { NamedSigner } from "./trust-policy.ts";

/** Reads the keys and identities of a rule. None may be there twice: it would count twice. */
export async function readSigners(
  { keys, identities }: Readonly<Record<"keys" | "identities", ManifestNode | undefined>>,
  reading: PolicyReading,
): Promise<NamedSigner[]> {
  const { problems } = reading;
  const signers = new Map<string, NamedSigner>();
  const add = (node: ManifestNode, id: string, signer: NamedSigner): void => {
    if (signers.has(id)) problems.add(node.at, "the rule has this signer already");
    signers.set(id, signer);
  };
  for (const node of keys === undefined ? [] : itemsOf(keys, problems, "keys")) {
    const key = await readKey(node, reading);
    if (key !== undefined) add(node, fingerprintOf(key.publicKey), keySigner(key));
  }
  for (const node of identities === undefined ? [] : itemsOf(identities, problems, "identities")) {
    const identity = await readIdentity(node, reading);
    if (identity !== undefined) add(node, identity.name, identity);
  }
  return [...signers.values()];
}

interface NamedKey {
  readonly name: string;
  readonly publicKey: KeyObject;
}

function keySigner({ name, publicKey }: NamedKey): NamedSigner {
  return { name, signer: { kind: "key", publicKey } };
}

function fingerprintOf(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}

/** Reads a key: the text of a PEM file, or the path of one. */
async function readKey(
  node: ManifestNode,
  { problems, readRelated }: PolicyReading,
): Promise<NamedKey | undefined> {
  const text = textOf(node, problems);
  if (text === undefined) return undefined;
  const isInline = text.includes("-----BEGIN ");
  // A line that may hold a private key is not repeated.
  const at = isInline ? { ...node.at, lineText: undefined } : node.at;
  const pem = isInline ? text : await readNamed(node, text, { problems, readRelated });
  if (pem === undefined) return undefined;
  if (pem.match(/-----BEGIN /g)?.length !== 1) {
    problems.add(at, "not one public key as PEM");
    return undefined;
  }
  try {
    return {
      name: isInline ? `the key of line ${node.at.line}` : text,
      publicKey: readPublicKey(pem),
    };
  } catch (error) {
    if (!isTenonError(error)) throw error;
    problems.add(at, error.message);
    return undefined;
  }
}

async function readIdentity(
  node: ManifestNode,
  reading: PolicyReading,
): Promise<NamedSigner | undefined> {
  const { problems } = reading;
  const names = ["identity", "identityRegexp", "issuer", "issuerRegexp", "trustedRoot"] as const;
  const fields = fieldsOf(node, names, problems, "an identity");
  if (node.kind !== "map") return undefined;
  const { trustedRoot: rootFile } = fields;
  const identity = textOrPattern(node, fields, "identity", problems);
  const issuer = textOrPattern(node, fields, "issuer", problems);
  if (rootFile === undefined) problems.add(node.at, "an identity needs a trustedRoot");
  const rootName = rootFile && textOf(rootFile, problems);
  const trustedRoot =
    rootName === undefined ? undefined : await readNamed(rootFile!, rootName, reading);
  if (identity === undefined || issuer === undefined || trustedRoot === undefined) return undefined;
  if (!isJsonObject(trustedRoot)) {
    problems.add(rootFile!.at, "the trusted root is not JSON");
    return undefined;
  }
  return {
    name: `${shown(identity)} of ${shown(issuer)}`,
    signer: { kind: "identity", identity, issuer, trustedRoot },
  };
}

function textOrPattern(
  node: ManifestNode,
  fields: Readonly<Record<string, ManifestNode | undefined>>,
  name: "identity" | "issuer",
  problems: PolicyProblems,
): string | RegExp | undefined {
  const exact = fields[name];
  const pattern = fields[`${name}Regexp`];
  if ((exact === undefined) === (pattern === undefined)) {
    problems.add((pattern ?? node).at, `an identity has either ${name} or ${name}Regexp`);
    return undefined;
  }
  if (pattern === undefined) return textOf(exact!, problems);
  const text = textOf(pattern, problems);
  if (text === undefined) return undefined;
  try {
    return new RegExp(text, "u");
  } catch {
    problems.add(pattern.at, "it is no regular expression");
    return undefined;
  }
}

function shown(matched: string | RegExp): string {
  return typeof matched === "string" ? matched : `/${matched.source}/`;
}

async function readNamed(
  node: ManifestNode,
  name: string,
  { problems, readRelated }: PolicyReading,
): Promise<string | undefined> {
  try {
    return await readRelated(name);
  } catch (error) {
    problems.add(node.at, `cannot read ${name}: ${messageOf(error).replace(/, open .*$/, "")}`);
    return undefined;
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
