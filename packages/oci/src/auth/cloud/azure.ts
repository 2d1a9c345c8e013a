import {
  type CloudContext,
  type CloudCredential,
  askCloud,
  askLocal,
  parseObject,
  readFields,
  readSecretFile,
  textField,
} from "./cloud-context.ts";

const audience = "https://containerregistry.azure.net";
const lifetimeMs = 3 * 3600 * 1000;

/** Tells whether a host is a registry of Azure. */
export function isAzureHost(host: string): boolean {
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.azurecr\.(?:io|cn|us)$/.test(host);
}

/**
 * Exchanges a token of Microsoft Entra for the refresh token of a registry.
 *
 * @returns nothing where there is no identity of Azure
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 * @see https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md
 */
export async function azureCredential(context: CloudContext): Promise<CloudCredential | undefined> {
  const found = (await fromEnvironment(context)) ?? (await fromMachine(context));
  if (found === undefined) return undefined;
  const { host, now, env } = context;
  const tenant = tenantIn(found.token) ?? env["AZURE_TENANT_ID"];
  const what = `Azure registry for ${found.identity}`;
  const answer = await askCloud(context, what, {
    method: "POST",
    url: `https://${host}/oauth2/exchange`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "access_token",
      service: host,
      ...(tenant !== undefined && { tenant }),
      access_token: found.token,
    }).toString(),
  });
  return {
    credential: { kind: "identity", token: textField(context, what, answer, "refresh_token") },
    identity: found.identity,
    expiresAt: now() + lifetimeMs,
  };
}

interface EntraToken {
  readonly token: string;
  readonly identity: string;
}

// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
async function fromEnvironment(context: CloudContext): Promise<EntraToken | undefined> {
  const { env } = context;
  const tenant = env["AZURE_TENANT_ID"];
  const client = env["AZURE_CLIENT_ID"];
  const secret = env["AZURE_CLIENT_SECRET"];
  const file = env["AZURE_FEDERATED_TOKEN_FILE"];
  if (!tenant || !client || (!secret && !file)) return undefined;
  const proof: Record<string, string> = secret
    ? { client_secret: secret }
    : {
        client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        client_assertion: (await readSecretFile(context, file!, "named"))!.trim(),
      };
  const authority = (env["AZURE_AUTHORITY_HOST"] || authorityOf(context.host)).replace(/\/+$/, "");
  const identity = `${secret ? "client secret" : "workload identity"} of application ${client}`;
  const what = `Microsoft Entra for ${identity}`;
  const answer = await askCloud(context, what, {
    method: "POST",
    url: `${authority}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client,
      scope: `${audience}/.default`,
      ...proof,
    }).toString(),
  });
  return { token: textField(context, what, answer, "access_token"), identity };
}

function authorityOf(host: string): string {
  if (host.endsWith(".cn")) return "https://login.chinacloudapi.cn";
  if (host.endsWith(".us")) return "https://login.microsoftonline.us";
  return "https://login.microsoftonline.com";
}

// https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
async function fromMachine(context: CloudContext): Promise<EntraToken | undefined> {
  const { env } = context;
  const endpoint = env["IDENTITY_ENDPOINT"];
  const secret = env["IDENTITY_HEADER"];
  const isService = Boolean(endpoint && secret);
  const base = env["AZURE_POD_IDENTITY_AUTHORITY_HOST"] || "http://169.254.169.254";
  const address = isService
    ? endpoint!
    : `${base.replace(/\/+$/, "")}/metadata/identity/oauth2/token`;
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  url.searchParams.set("api-version", isService ? "2019-08-01" : "2018-02-01");
  url.searchParams.set("resource", audience);
  if (env["AZURE_CLIENT_ID"]) url.searchParams.set("client_id", env["AZURE_CLIENT_ID"]);
  const headers: Record<string, string> = isService
    ? { "x-identity-header": secret! }
    : { metadata: "true" };
  const answer = await askLocal(context, { method: "GET", url: url.href, headers });
  if (answer?.status !== 200) return undefined;
  const identity = "the managed identity of this machine";
  const token = textField(context, identity, readFields(context, identity, answer), "access_token");
  return { token, identity };
}

/** The tenant in the claims of a token. They are not verified: the registry does that. */
function tenantIn(token: string): string | undefined {
  const claims = parseObject(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  return typeof claims?.["tid"] === "string" ? claims["tid"] : undefined;
}
