type Env = Readonly<Record<string, string | undefined>>;

/** The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY prescribe for a URL, as Go reads them. */
export function proxyFor(server: string | URL, env: Env): string | undefined {
  const url = new URL(server);
  const name = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = env[name] || env[name.toLowerCase()];
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isLoopback(host)) return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const excluded = (env["NO_PROXY"] || env["no_proxy"] || "").split(",");
  if (excluded.some((rule) => matches(rule.trim().toLowerCase(), host, port))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

/** The `Proxy-Authorization` of a proxy whose address has a user; nothing for one without. */
export function proxyAuthorization({ username, password }: URL): string | undefined {
  if (username === "") return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

function matches(rule: string, host: string, port: string): boolean {
  if (rule === "") return false;
  if (rule === "*") return true;
  if (rule.includes("/")) return inRange(rule, host);
  const [, name, rulePort] = /^(.*?)(?::(\d+))?$/.exec(rule) ?? [];
  if (name === undefined || (rulePort !== undefined && rulePort !== port)) return false;
  const domain = name.replace(/^\*?\./, "");
  if (host.endsWith(`.${domain}`)) return true;
  return host === domain && !/^\*?\./.test(name);
}

/** IPv4 ranges only; an IPv6 range never matches. */
function inRange(range: string, host: string): boolean {
  const [base, bits] = range.split("/");
  const [a, b] = [ipv4(base ?? ""), ipv4(host)];
  if (a === undefined || b === undefined) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(a / size) === Math.floor(b / size);
}

function ipv4(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
