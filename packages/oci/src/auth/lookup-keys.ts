import { isDockerHub } from "../reference.ts";

/** The key under which Docker keeps the credential of Docker Hub. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/" as const;

/** The keys to look for, the most specific one first. */
export function lookupKeys(host: string, repository: string | undefined): string[] {
  const hosts = isDockerHub(host) ? ["index.docker.io", "docker.io"] : [host];
  const keys: string[] = [];
  const parts = repository?.split("/") ?? [];
  for (let depth = parts.length; depth > 0; depth--) {
    for (const name of hosts) keys.push(`${name}/${parts.slice(0, depth).join("/")}`);
  }
  if (isDockerHub(host)) keys.push(DOCKER_HUB_KEY);
  return [...keys, ...hosts];
}
