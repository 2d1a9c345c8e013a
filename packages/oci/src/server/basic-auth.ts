import { createHash, timingSafeEqual } from "node:crypto";

/** A user and a password. */
export interface ServerCredentials {
  readonly username: string;
  readonly password: string;
}

/** Makes the check of `Authorization` headers; without credentials everybody may. */
export function basicAuth(
  credentials: ServerCredentials | undefined,
): (authorization: string | undefined) => boolean {
  if (credentials === undefined) return () => true;
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const expected = hash(`${credentials.username}:${credentials.password}`);
  return (authorization) => {
    const match = /^basic\s+(\S+)$/i.exec(authorization ?? "");
    const given = Buffer.from(match?.[1] ?? "", "base64").toString("utf8");
    return timingSafeEqual(hash(given), expected);
  };
}
