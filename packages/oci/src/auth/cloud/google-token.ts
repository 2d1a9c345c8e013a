import { createSign } from "node:crypto";
import { join } from "node:path";

import {
  type CloudContext,
  type CloudCredential,
  type Fields,
  askCloud,
  askLocal,
  cloudFailure,
  expiryOf,
  parseObject,
  readFields,
  readSecretFile,
  textField,
} from "./cloud-context.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";
const tokenService = "https://oauth2.googleapis.com/token";

/** Tells whether a host is a registry of Google. */
export function isGoogleHost(host: string): boolean {
  return /^(?:.+\.)?gcr\.io$|^[a-z0-9-]+-docker\.pkg\.dev$/.test(host);
}

/**
 * Gets an access token of Google for its registries: of the file that `GOOGLE_APPLICATION_CREDENTIALS`
 * names, of that of gcloud, or of the machine.
 *
 * @returns nothing where there is no identity of Google
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 * @see https://cloud.google.com/docs/authentication/application-default-credentials
 */
export async function googleCredential(
  context: CloudContext,
): Promise<CloudCredential | undefined> {
  const { env, home } = context;
  const named = env["GOOGLE_APPLICATION_CREDENTIALS"];
  const folder = env["CLOUDSDK_CONFIG"] || join(home, ".config", "gcloud");
  const file = named || join(folder, "application_default_credentials.json");
  const text = await readSecretFile(context, file, named ? "named" : "optional");
  if (text === undefined) return fromMachine(context);
  const key = parseObject(text);
  if (key === undefined) throw cloudFailure(context, `${file} is no JSON object`);
  switch (key["type"]) {
    case "service_account":
      return forServiceAccount(context, file, key);
    case "authorized_user":
      return forUser(context, file, key);
    case "external_account":
      return forWorkload(context, file, key);
    default:
      throw cloudFailure(context, `${file} is of a type that is not supported`);
  }
}

// https://developers.google.com/identity/protocols/oauth2/service-account#httprest
async function forServiceAccount(
  context: CloudContext,
  file: string,
  key: Fields,
): Promise<CloudCredential> {
  const account = textField(context, file, key, "client_email");
  const url = typeof key["token_uri"] === "string" ? key["token_uri"] : tokenService;
  const issued = Math.floor(context.now() / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: key["private_key_id"] };
  const claims = { iss: account, scope, aud: url, iat: issued, exp: issued + 3600 };
  const signed = [header, claims].map((part) => base64url(JSON.stringify(part))).join(".");
  let assertion: string;
  try {
    const signature = createSign("RSA-SHA256").update(signed).sign(String(key["private_key"]));
    assertion = `${signed}.${signature.toString("base64url")}`;
  } catch {
    // What the system says may hold parts of the key.
    throw cloudFailure(context, `the private_key of ${file} cannot be used`);
  }
  const grant = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  return tokenFrom(context, url, grant, `service account ${account}`);
}

async function forUser(context: CloudContext, file: string, key: Fields): Promise<CloudCredential> {
  const grant = {
    grant_type: "refresh_token",
    client_id: textField(context, file, key, "client_id"),
    client_secret: textField(context, file, key, "client_secret"),
    refresh_token: textField(context, file, key, "refresh_token"),
  };
  const url = typeof key["token_uri"] === "string" ? key["token_uri"] : tokenService;
  return tokenFrom(context, url, grant, `user of ${file}`);
}

// https://cloud.google.com/iam/docs/workload-identity-federation-with-other-providers
async function forWorkload(
  context: CloudContext,
  file: string,
  key: Fields,
): Promise<CloudCredential> {
  const audience = textField(context, file, key, "audience");
  const identity = `workload identity of ${file}`;
  const found = await tokenFrom(
    context,
    textField(context, file, key, "token_url"),
    {
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      audience,
      scope,
      requested_token_type: "urn:ietf:params:oauth:token-type:access_token",
      subject_token_type: textField(context, file, key, "subject_token_type"),
      subject_token: await subjectToken(context, file, key),
    },
    identity,
  );
  const account = key["service_account_impersonation_url"];
  if (typeof account !== "string" || found.credential.kind !== "basic") return found;
  const answer = await askCloud(context, "Google IAM credentials", {
    method: "POST",
    url: account,
    headers: {
      authorization: `Bearer ${found.credential.password}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ scope: [scope] }),
  });
  const token = textField(context, "Google IAM credentials", answer, "accessToken");
  const expiresAt = Date.parse(String(answer["expireTime"])) || expiryOf(context, undefined);
  return { ...asCredential(token, expiresAt), identity };
}

async function subjectToken(context: CloudContext, file: string, key: Fields): Promise<string> {
  const source = (key["credential_source"] ?? {}) as Fields;
  const { file: tokenFile, url, headers } = source;
  const format = (source["format"] ?? {}) as Fields;
  let text: string | undefined;
  if (typeof tokenFile === "string") text = await readSecretFile(context, tokenFile, "named");
  else if (typeof url === "string") {
    const sent = headers as Readonly<Record<string, string>> | undefined;
    text = (await askLocal(context, { method: "GET", url, headers: sent }))?.text;
  }
  if (text === undefined)
    throw cloudFailure(context, `the credential_source of ${file} gave nothing`);
  if (format["type"] !== "json") return text.trim();
  const fields = readFields(context, `the credential_source of ${file}`, { text });
  return textField(context, file, fields, String(format["subject_token_field_name"]));
}

// https://cloud.google.com/compute/docs/access/authenticate-workloads#applications
async function fromMachine(context: CloudContext): Promise<CloudCredential | undefined> {
  const host = context.env["GCE_METADATA_HOST"] || "169.254.169.254";
  const answer = await askLocal(context, {
    method: "GET",
    url: `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`,
    headers: { "metadata-flavor": "Google" },
  });
  // The metadata services of other clouds have the same address.
  if (answer?.status !== 200 || answer.header("metadata-flavor") !== "Google") return undefined;
  const what = "the service account of this machine";
  const fields = readFields(context, what, answer);
  const token = textField(context, what, fields, "access_token");
  return { ...asCredential(token, expiryOf(context, fields["expires_in"])), identity: what };
}

async function tokenFrom(
  context: CloudContext,
  url: string,
  grant: Readonly<Record<string, string>>,
  identity: string,
): Promise<CloudCredential> {
  if (!URL.canParse(url))
    throw cloudFailure(context, `${identity} names a token service that is no URL`);
  const what = `Google for ${identity}`;
  const fields = await askCloud(context, what, {
    method: "POST",
    url,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(grant).toString(),
  });
  const token = textField(context, what, fields, "access_token");
  return { ...asCredential(token, expiryOf(context, fields["expires_in"])), identity };
}

function asCredential(
  token: string,
  expiresAt: number,
): Pick<CloudCredential, "credential" | "expiresAt"> {
  return {
    credential: { kind: "basic", username: "oauth2accesstoken", password: token },
    expiresAt,
  };
}

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
