import { join } from "node:path";

import {
  type CloudContext,
  answerOf,
  askLocal,
  cloudFailure,
  readFields,
  readSecretFile,
  textField,
} from "./cloud-context.ts";
import type { AwsKeys } from "./sign-v4.ts";

/** Keys, and where they come from. */
export interface FoundAwsKeys extends AwsKeys {
  readonly identity: string;
}

/**
 * Finds the keys of an identity in the order of AWS's own tools: environment, web identity, shared files,
 * the container's endpoint, the machine's metadata.
 *
 * @returns nothing where there is no identity
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 */
export async function findAwsKeys(
  context: CloudContext,
  region: string,
): Promise<FoundAwsKeys | undefined> {
  return (
    fromEnvironment(context) ??
    (await fromWebIdentity(context, region)) ??
    (await fromSharedFiles(context)) ??
    (await fromContainer(context)) ??
    (await fromMachine(context))
  );
}

/** `amazonaws.com`, or the domain of the regions in China. */
export function awsDomain(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}

function fromEnvironment({ env }: CloudContext): FoundAwsKeys | undefined {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = env["AWS_SESSION_TOKEN"] || undefined;
  return { accessKeyId, secretAccessKey, sessionToken, identity: "AWS_ACCESS_KEY_ID" };
}

// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
async function fromWebIdentity(
  context: CloudContext,
  registryRegion: string,
): Promise<FoundAwsKeys | undefined> {
  const { env } = context;
  const file = env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  const role = env["AWS_ROLE_ARN"];
  if (!file || !role) return undefined;
  const token = (await readSecretFile(context, file, "named"))!.trim();
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || registryRegion;
  const own = `https://sts.${region}.${awsDomain(region)}`;
  const { text } = await answerOf(context, `AWS STS for ${role}`, {
    method: "POST",
    url: env["AWS_ENDPOINT_URL_STS"] || env["AWS_ENDPOINT_URL"] || own,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: role,
      RoleSessionName: env["AWS_ROLE_SESSION_NAME"] || "tenon",
      WebIdentityToken: token,
    }).toString(),
  });
  const element = (name: string): string => {
    const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(text)?.[1];
    if (value !== undefined) return value;
    throw cloudFailure(context, `AWS STS gave no ${name}`);
  };
  return {
    accessKeyId: element("AccessKeyId"),
    secretAccessKey: element("SecretAccessKey"),
    sessionToken: element("SessionToken"),
    identity: `web identity of ${role}`,
  };
}

async function fromSharedFiles(context: CloudContext): Promise<FoundAwsKeys | undefined> {
  const { env, home } = context;
  const profile = env["AWS_PROFILE"] || "default";
  const files = [
    [env["AWS_SHARED_CREDENTIALS_FILE"] || join(home, ".aws", "credentials"), profile],
    [
      env["AWS_CONFIG_FILE"] || join(home, ".aws", "config"),
      profile === "default" ? profile : `profile ${profile}`,
    ],
  ] as const;
  for (const [file, section] of files) {
    const keys = readSection((await readSecretFile(context, file, "optional")) ?? "", section);
    const accessKeyId = keys.get("aws_access_key_id");
    const secretAccessKey = keys.get("aws_secret_access_key");
    if (!accessKeyId || !secretAccessKey) continue;
    const sessionToken = keys.get("aws_session_token") || undefined;
    return {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      identity: `profile ${profile} of ${file}`,
    };
  }
  return undefined;
}

function readSection(text: string, wanted: string): Map<string, string> {
  const found = new Map<string, string>();
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    const title = /^\s*\[\s*([^\]]*?)\s*\]/.exec(line);
    if (title !== null) section = title[1]!.replace(/\s+/g, " ");
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === wanted && name !== undefined) found.set(name.toLowerCase(), value!);
  }
  return found;
}

// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
async function fromContainer(context: CloudContext): Promise<FoundAwsKeys | undefined> {
  const { env } = context;
  const relative = env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"];
  const full = env["AWS_CONTAINER_CREDENTIALS_FULL_URI"];
  if (!relative && !full) return undefined;
  const url = relative ? `http://169.254.170.2${relative}` : full!;
  if (!isContainerEndpoint(url)) {
    throw cloudFailure(
      context,
      "AWS_CONTAINER_CREDENTIALS_FULL_URI is no address of a container's host",
    );
  }
  const tokenFile = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const token = tokenFile
    ? (await readSecretFile(context, tokenFile, "named"))!.trim()
    : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
  const headers = token ? { authorization: token } : {};
  const answer = await askLocal(context, { method: "GET", url, headers });
  if (answer === undefined || answer.status !== 200) {
    throw cloudFailure(
      context,
      `the container's credentials cannot be had: ${answer?.status ?? "no answer"}`,
    );
  }
  return keysIn(context, "the container's endpoint", answer);
}

function isContainerEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  const local =
    /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|169\.254\.170\.(?:2|23)|\[fd00:ec2::23\])$/;
  return protocol === "https:" || (protocol === "http:" && local.test(hostname));
}

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
async function fromMachine(context: CloudContext): Promise<FoundAwsKeys | undefined> {
  const { env } = context;
  if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") return undefined;
  const base = (env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254").replace(
    /\/$/,
    "",
  );
  const session = await askLocal(context, {
    method: "PUT",
    url: `${base}/latest/api/token`,
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "300" },
  });
  if (session?.status !== 200) return undefined;
  const headers = { "x-aws-ec2-metadata-token": session.text };
  const roles = `${base}/latest/meta-data/iam/security-credentials/`;
  const listed = await askLocal(context, { method: "GET", url: roles, headers });
  const role = listed?.status === 200 ? listed.text.trim().split("\n")[0] : undefined;
  if (!role) return undefined;
  const url = `${roles}${encodeURIComponent(role)}`;
  const answer = await askLocal(context, { method: "GET", url, headers });
  if (answer?.status !== 200) return undefined;
  return keysIn(context, `role ${role} of this machine`, answer);
}

function keysIn(context: CloudContext, identity: string, answer: { text: string }): FoundAwsKeys {
  const fields = readFields(context, identity, answer);
  return {
    accessKeyId: textField(context, identity, fields, "AccessKeyId"),
    secretAccessKey: textField(context, identity, fields, "SecretAccessKey"),
    sessionToken: textField(context, identity, fields, "Token"),
    identity,
  };
}
