import { readFile } from "node:fs/promises";

import { messageOf } from "@tenon/core";

import { isMissing } from "../../content/node-file.ts";
import { OciError, foreignText } from "../../errors.ts";
import type { Credential } from "../credential.ts";
import type { AuthEnvironment } from "../docker-config.ts";
import type { CloudAnswer, CloudRequest, SendToCloud } from "./cloud-http.ts";

/** What the exchanges with a cloud are made with. */
export interface CloudContext extends AuthEnvironment {
  /** The registry that wants a credential. */
  readonly host: string;
  readonly send: SendToCloud;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

/** A credential that an identity of a cloud was given. */
export interface CloudCredential {
  readonly credential: Credential;
  /** Where the identity comes from, without secrets: `AWS_ACCESS_KEY_ID`. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** A JSON object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Asks a public service and reads the JSON object that it answers with.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function askCloud(
  context: CloudContext,
  what: string,
  request: Omit<CloudRequest, "reach">,
): Promise<Fields> {
  return readFields(context, what, await answerOf(context, what, request));
}

/** As {@link askCloud}, for services that answer with something else. */
export async function answerOf(
  context: CloudContext,
  what: string,
  request: Omit<CloudRequest, "reach">,
): Promise<CloudAnswer> {
  let answer: CloudAnswer;
  try {
    answer = await context.send({ ...request, reach: "public" }, context.signal);
  } catch (cause) {
    context.signal?.throwIfAborted();
    throw cloudFailure(context, `${what}: ${foreignText(messageOf(cause))}`, cause);
  }
  if (answer.status < 300) return answer;
  throw cloudFailure(context, `${what} answered ${answer.status} ${reasonIn(answer.text)}`.trim());
}

/** Asks a service of this machine; nothing if there is none. */
export async function askLocal(
  context: CloudContext,
  request: Omit<CloudRequest, "reach">,
): Promise<CloudAnswer | undefined> {
  try {
    return await context.send({ ...request, reach: "local" }, context.signal);
  } catch {
    context.signal?.throwIfAborted();
    // Nobody is there: this machine is not in that cloud.
    return undefined;
  }
}

/**
 * Reads an answer as a JSON object.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export function readFields(
  context: CloudContext,
  what: string,
  { text }: { text: string },
): Fields {
  const fields = parseObject(text);
  if (fields !== undefined) return fields;
  throw cloudFailure(context, `${what} gave no JSON object`);
}

/**
 * A text of an answer or a file.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID` where it is missing
 */
export function textField(
  context: CloudContext,
  what: string,
  fields: Fields,
  name: string,
): string {
  const value = fields[name];
  if (typeof value === "string" && value !== "" && !/[\r\n]/.test(value)) return value;
  throw cloudFailure(context, `${what} has no ${name}`);
}

/** Milliseconds since 1970 after a number of seconds; an hour where none is given. */
export function expiryOf({ now }: CloudContext, seconds: unknown): number {
  const lifetime = Number(seconds ?? 3600);
  return now() + (Number.isFinite(lifetime) && lifetime > 0 ? lifetime : 3600) * 1000;
}

/**
 * Reads a file that the environment names, or where it is not named, one that need not be there.
 *
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function readSecretFile(
  context: CloudContext,
  file: string,
  need: "named" | "optional",
): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if (need === "optional" && isMissing(cause)) return undefined;
    throw cloudFailure(context, `${file} cannot be read`, cause);
  }
}

/** The object in a JSON text, or nothing. */
export function parseObject(text: string): Fields | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Fields) : undefined;
  } catch {
    // The parser's message would quote the text, and with it secrets.
    return undefined;
  }
}

/** The failure to get a credential from a cloud. */
export function cloudFailure({ host }: CloudContext, why: string, cause?: unknown): OciError {
  return new OciError("OCI_CREDENTIALS_INVALID", `Cannot get a credential for ${host}: ${why}`, {
    cause,
    hint: `Mend the identity of the cloud, or log in: tenon registry login ${host}`,
  });
}

/** What the clouds call the reason of a failure, in JSON or XML; never the whole text, which may hold secrets. */
function reasonIn(text: string): string {
  const { __type, error, error_description: description } = parseObject(text) ?? {};
  const inXml = /<Code>([^<]{1,100})<\/Code>/.exec(text)?.[1];
  const status = typeof error === "object" ? (error as Fields | null)?.["status"] : error;
  const texts = [__type, status, description, inXml].filter((part) => typeof part === "string");
  return foreignText(texts.join(": "), 200);
}
