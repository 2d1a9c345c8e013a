import type { Transport } from "../client/transport.ts";
import { readAll } from "../content/web-stream.ts";
import { OciError, foreignText } from "../errors.ts";
import { type ForeignObject, parseJson } from "./foreign-json.ts";

const maxAnswerBytes = 1024 * 1024;

/** A question to a service that takes part in signing. */
export interface ServiceCall {
  /** What is asked for, such as `the certificate`. */
  readonly what: string;
  readonly url: URL;
  readonly json: object;
  /** Sent as a bearer token; it stands in no message. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Posts JSON and reads the JSON of the answer.
 *
 * @throws OciError `OCI_SIGNING_FAILED`
 */
export async function postJson(transport: Transport, call: ServiceCall): Promise<ForeignObject> {
  const { url, json, token, signal } = call;
  let status: number;
  let text: string;
  try {
    const response = await transport.send({
      method: "POST",
      url,
      headers: { "content-type": "application/json", accept: "application/json" },
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      body: Buffer.from(JSON.stringify(json)),
      redirects: "same-origin",
      signal,
    });
    status = response.status;
    text = (await readAll(response.body, maxAnswerBytes, "answer")).toString("utf8");
  } catch (cause) {
    signal?.throwIfAborted();
    throw failed(call, cause instanceof Error ? cause.message : "unknown error", cause);
  }
  if (status !== 200 && status !== 201) {
    const said = foreignText(token === undefined ? text : text.replaceAll(token, "***"));
    throw failed(call, `it answered ${status}${said === "" ? "" : ` ${said}`}`);
  }
  try {
    return parseJson(text, "its answer");
  } catch (cause) {
    throw failed(call, "its answer is not JSON", cause);
  }
}

/** The error for a service that does not do its part. */
export function failed({ what, url }: ServiceCall, why: string, cause?: unknown): OciError {
  return new OciError("OCI_SIGNING_FAILED", `Cannot get ${what} from ${url.origin}: ${why}`, {
    hint: "Check the identity token, which is good for minutes only, and the URL of the service",
    cause,
  });
}
