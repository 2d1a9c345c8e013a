import {
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  verify,
  type KeyObject,
} from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { findCredential } from "../find-credential.ts";
import { cloudHttp } from "./cloud-http.ts";
import { findCloudCredential } from "./find-cloud-credential.ts";

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  readonly form: URLSearchParams;
}
type Reply = readonly [status: number, body: unknown, headers?: Readonly<Record<string, string>>];
type Service = (request: Received) => Reply | undefined;

/** The services of all clouds, which check what they are sent as the real ones do. */
let services: readonly Service[] = [];
let received: Received[] = [];
let server: Server;
let base = "";
let home = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      const one: Received = {
        method: request.method!,
        url: new URL(request.url!, base),
        headers: request.headers,
        body,
        form: new URLSearchParams(body),
      };
      received.push(one);
      const found = services.map((service) => service(one)).find((reply) => reply !== undefined);
      const [status, content, headers = {}] = found ?? [404, { error: "no such service" }];
      response.writeHead(status, headers);
      response.end(typeof content === "string" ? content : JSON.stringify(content));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());
beforeEach(async () => {
  received = [];
  services = [];
  home = await mkdtemp(join(tmpdir(), "tenon-cloud-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function write(name: string, content: unknown): Promise<string> {
  const file = join(home, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** Finds a credential; public hosts of Azure and Google are this test's server. */
function find(host: string, env: Record<string, string> = {}) {
  const http = cloudHttp(env);
  return findCloudCredential({ env, home }, host, {
    send: (request, signal) => {
      const url = new URL(request.url);
      const isOwn = url.hostname === "127.0.0.1";
      return http(isOwn ? request : { ...request, url: `${base}${url.pathname}` }, signal);
    },
  });
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Signs again what was received, from the header that says how it was signed. */
function signatureIsGood({ method, url, headers, body }: Received, secret: string): boolean {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;
  const match = pattern.exec(String(headers.authorization));
  if (match === null) return false;
  const [, day = "", region = "", service = "", names = "", signature] = match;
  const wanted = ["content-type", "host", "x-amz-date", "x-amz-target"];
  if (headers["x-amz-security-token"] !== undefined) wanted.push("x-amz-security-token");
  if (wanted.some((name) => !names.split(";").includes(name))) return false;
  let canonical = `${method}\n${url.pathname}\n${url.search.slice(1)}\n`;
  for (const name of names.split(";")) canonical += `${name}:${String(headers[name]).trim()}\n`;
  canonical += `\n${names}\n${sha256(body)}`;
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of [day, region, service, "aws4_request"]) {
    key = createHmac("sha256", key).update(part).digest();
  }
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${String(headers["x-amz-date"])}\n${scope}\n${sha256(canonical)}`;
  return createHmac("sha256", key).update(text).digest("hex") === signature;
}

describe("AWS", () => {
  const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const identities: Record<string, { readonly secret: string; readonly session?: string }> = {
    AKENV: { secret: "env-secret" },
    AKFILE: { secret: "file/secret=", session: "file-session" },
    AKSTS: { secret: "sts-secret", session: "sts-session" },
    AKTASK: { secret: "task-secret", session: "task-session" },
    AKROLE: { secret: "role-secret", session: "role-session" },
  };
  const metadata = (id: string) => ({
    Code: "Success",
    AccessKeyId: id,
    SecretAccessKey: identities[id]!.secret,
    Token: identities[id]!.session,
  });
  const ecr: Service = (request) => {
    if (request.headers["x-amz-target"] === undefined) return undefined;
    const id = /Credential=([^/]+)\/\d+\/eu-west-1\/ecr\//.exec(
      request.headers.authorization!,
    )?.[1];
    const known = identities[id ?? ""];
    const isRight =
      known !== undefined &&
      request.headers["x-amz-target"] ===
        "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken" &&
      request.headers["content-type"] === "application/x-amz-json-1.1" &&
      request.headers["x-amz-security-token"] === known.session &&
      signatureIsGood(request, known.secret);
    if (!isRight) return [400, { __type: "InvalidSignatureException", message: "secret things" }];
    const authorizationToken = Buffer.from(`AWS:token:of ${id}`).toString("base64");
    const expiresAt = Date.now() / 1000 + 43_200;
    return [200, { authorizationData: [{ authorizationToken, expiresAt }] }];
  };
  const sts: Service = ({ form, body }) => {
    if (form.get("Action") !== "AssumeRoleWithWebIdentity") return undefined;
    expect(form.get("WebIdentityToken")).toBe("the.web.token");
    expect(form.get("RoleArn")).toBe("arn:aws:iam::123456789012:role/puller");
    expect(body).toContain("Version=2011-06-15");
    const { secret, session } = identities["AKSTS"]!;
    const parts = `<AccessKeyId>AKSTS</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey><SessionToken>${session}</SessionToken>`;
    return [200, `<R><Credentials>${parts}</Credentials></R>`];
  };
  const container: Service = ({ url, headers }) => {
    if (url.pathname !== "/task") return undefined;
    return headers.authorization === "pod token" ? [200, metadata("AKTASK")] : [401, {}];
  };
  const machine: Service = ({ url, method, headers }) => {
    if (!url.pathname.startsWith("/latest/")) return undefined;
    if (url.pathname === "/latest/api/token") {
      const isRight = method === "PUT" && headers["x-aws-ec2-metadata-token-ttl-seconds"] === "300";
      return isRight ? [200, "session"] : [400, ""];
    }
    if (headers["x-aws-ec2-metadata-token"] !== "session") return [401, ""];
    if (url.pathname.endsWith("/security-credentials/")) return [200, "puller\n"];
    return url.pathname.endsWith("/puller") ? [200, metadata("AKROLE")] : [404, ""];
  };
  const common = (): Record<string, string> => ({
    AWS_ENDPOINT_URL_ECR: base,
    AWS_ENDPOINT_URL_STS: base,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: base,
  });
  beforeEach(() => {
    services = [ecr, sts, container, machine];
  });
  const basic = (id: string) => ({ kind: "basic", username: "AWS", password: `token:of ${id}` });

  it("takes keys of the environment", async () => {
    const env = { ...common(), AWS_ACCESS_KEY_ID: "AKENV", AWS_SECRET_ACCESS_KEY: "env-secret" };
    const found = await find(host, env);
    expect(found?.credential).toEqual(basic("AKENV"));
    expect(received).toHaveLength(1);
  });

  it("takes a web identity, as pods of EKS have it", async () => {
    const found = await find(host, {
      ...common(),
      AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/puller",
      AWS_WEB_IDENTITY_TOKEN_FILE: await write("token", "the.web.token\n"),
    });
    expect(found?.credential).toEqual(basic("AKSTS"));
  });

  it("takes a profile of the shared files", async () => {
    const credentials = `[default]\naws_access_key_id = AKNONE\naws_secret_access_key = x\n[work]\naws_access_key_id=AKFILE\naws_secret_access_key = file/secret=\naws_session_token = file-session\n`;
    await write(".aws/credentials", credentials);
    const found = await find(host, { ...common(), AWS_PROFILE: "work" });
    expect(found).toMatchObject({
      credential: basic("AKFILE"),
      identity: `profile work of ${join(home, ".aws/credentials")}`,
    });
  });

  it("takes the endpoint of a container, with its token", async () => {
    const file = await write("pod-token", "pod token\n");
    const found = await find(host, {
      ...common(),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/task`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    });
    expect(found?.credential).toEqual(basic("AKTASK"));
  });

  it("does not send a container's token to other hosts", async () => {
    const finding = find(host, {
      ...common(),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://example.com/task",
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "pod token",
    });
    await expect(finding).rejects.toMatchObject({ code: "OCI_CREDENTIALS_INVALID" });
    expect(received).toEqual([]);
  });

  it("takes the role of the machine, and finds none where that is switched off", async () => {
    expect((await find(host, common()))?.credential).toEqual(basic("AKROLE"));
    const none = await find(host, { ...common(), AWS_EC2_METADATA_DISABLED: "true" });
    expect(none).toMatchObject({ cloud: "identity of AWS", credential: undefined });
  });

  it("asks once for each environment, and tells why it is refused without what was sent", async () => {
    const env = { ...common(), AWS_ACCESS_KEY_ID: "AKENV", AWS_SECRET_ACCESS_KEY: "env-secret" };
    await find(host, env);
    await find(host, env);
    expect(received).toHaveLength(1);
    const refused = find(host, { ...env, AWS_SECRET_ACCESS_KEY: "wrong" });
    const error = (await refused.catch((caught: unknown) => caught)) as Error;
    expect(error).toMatchObject({
      code: "OCI_CREDENTIALS_INVALID",
      message: expect.stringMatching(/400 InvalidSignatureException$/),
    });
  });
});

describe("Google Cloud", () => {
  const host = "europe-docker.pkg.dev";
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = pair.privateKey.export({ type: "pkcs8", format: "pem" });
  const token = (password: string) => ({ kind: "basic", username: "oauth2accesstoken", password });

  it("takes a key of a service account", async () => {
    services = [
      ({ url, form }) =>
        url.pathname === "/token" && jwtIsGood(form.get("assertion")!, pair.publicKey)
          ? [200, { access_token: `for ${form.get("grant_type")}`, expires_in: 3599 }]
          : [400, { error: "invalid_grant", error_description: "bad signature" }],
    ];
    const key = {
      type: "service_account",
      client_email: "puller@example.iam",
      private_key_id: "k1",
      private_key: pem,
      token_uri: `${base}/token`,
    };
    const env = { GOOGLE_APPLICATION_CREDENTIALS: await write("key.json", key) };
    const found = await find(host, env);
    expect(found?.credential).toEqual(token("for urn:ietf:params:oauth:grant-type:jwt-bearer"));
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const wrong = { ...key, private_key: other.export({ type: "pkcs8", format: "pem" }) };
    const bad = find(host, { GOOGLE_APPLICATION_CREDENTIALS: await write("bad.json", wrong) });
    await expect(bad).rejects.toThrow(/400 invalid_grant: bad signature/);
  });

  it("takes what gcloud keeps for a user", async () => {
    services = [
      ({ form }) =>
        form.get("refresh_token") === "r" && form.get("client_secret") === "s"
          ? [200, { access_token: "user token" }]
          : [401, {}],
    ];
    const key = { type: "authorized_user", client_id: "c", client_secret: "s", refresh_token: "r" };
    await write(".config/gcloud/application_default_credentials.json", key);
    expect((await find(host))?.credential).toEqual(token("user token"));
  });

  it("takes a workload identity, and the service account that it stands for", async () => {
    services = [
      ({ url, form, headers }) => {
        if (url.pathname === "/sts") {
          const isRight = form.get("subject_token") === "from file" && form.get("audience") === "a";
          return isRight ? [200, { access_token: "federated" }] : [400, {}];
        }
        const isOurs = headers.authorization === "Bearer federated";
        const expireTime = new Date(Date.now() + 3_600_000).toISOString();
        return isOurs ? [200, { accessToken: "of the account", expireTime }] : [401, {}];
      },
    ];
    const key = {
      type: "external_account",
      audience: "a",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: `${base}/sts`,
      service_account_impersonation_url: `${base}/impersonate`,
      credential_source: {
        file: await write("subject.json", { jwt: "from file" }),
        format: { type: "json", subject_token_field_name: "jwt" },
      },
    };
    const env = { GOOGLE_APPLICATION_CREDENTIALS: await write("key.json", key) };
    expect((await find("gcr.io", env))?.credential).toEqual(token("of the account"));
  });

  it("takes the service account of the machine, and no other cloud's answer", async () => {
    let flavor: Readonly<Record<string, string>> = { "metadata-flavor": "Google" };
    services = [
      ({ url, headers }) =>
        url.pathname === "/computeMetadata/v1/instance/service-accounts/default/token" &&
        headers["metadata-flavor"] === "Google"
          ? [200, { access_token: "machine", expires_in: 3599 }, flavor]
          : [403, {}],
    ];
    const env = (): Record<string, string> => ({ GCE_METADATA_HOST: base.replace("http://", "") });
    expect((await find("eu.gcr.io", env()))?.credential).toEqual(token("machine"));
    flavor = {};
    expect((await find("eu.gcr.io", env()))?.credential).toBeUndefined();
  });

  it("quotes nothing of a file that is broken", async () => {
    const file = await write("key.json", '{"private_key": "c2VjcmV0');
    const error = (await find(host, { GOOGLE_APPLICATION_CREDENTIALS: file }).catch(
      (caught: unknown) => caught,
    )) as Error;
    expect(error.message).toBe(`Cannot get a credential for ${host}: ${file} is no JSON object`);
  });
});

describe("Azure", () => {
  const host = "team.azurecr.io";
  const entra = `h.${Buffer.from(JSON.stringify({ tid: "tenant-1" })).toString("base64url")}.s`;
  const exchange: Service = ({ url, form }) => {
    if (url.pathname !== "/oauth2/exchange") return undefined;
    const isRight =
      form.get("grant_type") === "access_token" &&
      form.get("service") === host &&
      form.get("tenant") === "tenant-1" &&
      form.get("access_token") === entra;
    return isRight ? [200, { refresh_token: "acr refresh" }] : [401, { error: "UNAUTHORIZED" }];
  };
  const login: Service = ({ url, form }) => {
    if (url.pathname !== "/tenant-1/oauth2/v2.0/token") return undefined;
    const isRight =
      form.get("scope") === "https://containerregistry.azure.net/.default" &&
      form.get("client_id") === "app-1" &&
      (form.get("client_secret") === "s3cret" || form.get("client_assertion") === "kube.jwt");
    return isRight ? [200, { access_token: entra }] : [401, { error: "invalid_client" }];
  };
  const machine: Service = ({ url, headers }) => {
    if (url.pathname !== "/metadata/identity/oauth2/token") return undefined;
    const isRight =
      headers["metadata"] === "true" &&
      url.searchParams.get("api-version") === "2018-02-01" &&
      url.searchParams.get("resource") === "https://containerregistry.azure.net";
    return isRight ? [200, { access_token: entra }] : [400, {}];
  };
  const app = (): Record<string, string> => ({
    AZURE_TENANT_ID: "tenant-1",
    AZURE_CLIENT_ID: "app-1",
    AZURE_AUTHORITY_HOST: `${base}/`,
  });
  beforeEach(() => {
    services = [exchange, login, machine];
  });
  const identity = { kind: "identity", token: "acr refresh" };

  it("takes a client secret", async () => {
    expect((await find(host, { ...app(), AZURE_CLIENT_SECRET: "s3cret" }))?.credential).toEqual(
      identity,
    );
    const refused = find(host, { ...app(), AZURE_CLIENT_SECRET: "wrong" });
    await expect(refused).rejects.toThrow(/401 invalid_client/);
  });

  it("takes a workload identity, as pods of AKS have it", async () => {
    const file = await write("federated", "kube.jwt");
    const found = await find(host, { ...app(), AZURE_FEDERATED_TOKEN_FILE: file });
    expect(found?.credential).toEqual(identity);
  });

  it("takes the managed identity of a machine", async () => {
    const found = await find(host, { AZURE_POD_IDENTITY_AUTHORITY_HOST: base });
    expect(found?.credential).toEqual(identity);
  });
});

it.each([
  "ghcr.io",
  "evil-123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com",
  "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.com",
  "gcr.io.evil.com",
  "notgcr.io",
  "team.azurecr.io.evil.com",
  "azurecr.io",
])("findCloudCredential() asks nobody for %s", async (host) => {
  expect(await find(host, { AWS_EC2_METADATA_SERVICE_ENDPOINT: base })).toBeUndefined();
  expect(received).toEqual([]);
});

it("findCredential() asks a cloud last, and tells of it", async () => {
  const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
  const env = { AWS_EC2_METADATA_DISABLED: "true" };
  const steps: unknown[] = [];
  await findCredential({ env, home }, { host }, { onStep: (step) => steps.push(step) });
  expect(steps.at(-1)).toEqual({ place: "identity of AWS", result: "none here", found: false });
  await write(".docker/config.json", { auths: { [host]: { username: "u", password: "p" } } });
  const found = await findCredential({ env: {}, home }, { host });
  expect(found).toMatchObject({ username: "u" });
});

function jwtIsGood(text: string, publicKey: KeyObject): boolean {
  const [header = "", claims = "", signature = ""] = text.split(".");
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  const { iss, scope, aud, iat, exp } = read(claims);
  return (
    read(header)["alg"] === "RS256" &&
    read(header)["kid"] === "k1" &&
    iss === "puller@example.iam" &&
    scope === "https://www.googleapis.com/auth/cloud-platform" &&
    aud === `${base}/token` &&
    Number(exp) - Number(iat) === 3600 &&
    verify(
      "RSA-SHA256",
      Buffer.from(`${header}.${claims}`),
      createPublicKey(publicKey.export({ type: "spki", format: "pem" })),
      Buffer.from(signature, "base64url"),
    )
  );
}
