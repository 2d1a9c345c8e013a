import { awsDomain, findAwsKeys } from "./aws-keys.ts";
import {
  type CloudContext,
  type CloudCredential,
  type Fields,
  askCloud,
  cloudFailure,
  textField,
} from "./cloud-context.ts";
import { signV4 } from "./sign-v4.ts";

/** `123456789012.dkr.ecr.eu-west-1.amazonaws.com`, and its forms for FIPS, IPv6 and China. */
const ecrHost =
  /^\d{12}\.dkr[.-]ecr(-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.(?:com(?:\.cn)?|eu)|on\.(?:aws|amazonwebservices\.com\.cn))$/;

/** Tells whether a host is a registry of Amazon. */
export function isEcrHost(host: string): boolean {
  return ecrHost.test(host);
}

/**
 * Asks Amazon for the credential of a registry.
 *
 * @returns nothing where there is no identity of AWS
 * @throws OciError `OCI_CREDENTIALS_INVALID`
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_GetAuthorizationToken.html
 */
export async function ecrCredential(context: CloudContext): Promise<CloudCredential | undefined> {
  const { env, now } = context;
  const [, fips = "", region = ""] = ecrHost.exec(context.host) ?? [];
  const keys = await findAwsKeys(context, region);
  if (keys === undefined) return undefined;
  const api = fips === "" ? "api.ecr" : "ecr-fips";
  const own = `https://${api}.${region}.${awsDomain(region)}`;
  const url = new URL(env["AWS_ENDPOINT_URL_ECR"] || env["AWS_ENDPOINT_URL"] || own);
  const request = {
    method: "POST" as const,
    url,
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken",
    },
    body: "{}",
  };
  const what = `Amazon ECR for ${keys.identity}`;
  const headers = signV4(request, { keys, region, service: "ecr", now: now() });
  const answer = await askCloud(context, what, { ...request, url: url.href, headers });
  const [data] = (answer["authorizationData"] ?? []) as readonly (Fields | undefined)[];
  const token = textField(context, what, data ?? {}, "authorizationToken");
  const [username = "", ...rest] = Buffer.from(token, "base64").toString("utf8").split(":");
  if (rest.length === 0) throw cloudFailure(context, `${what} gave no usable token`);
  return {
    credential: { kind: "basic", username, password: rest.join(":") },
    identity: keys.identity,
    expiresAt: Number(data?.["expiresAt"] ?? 0) * 1000,
  };
}
