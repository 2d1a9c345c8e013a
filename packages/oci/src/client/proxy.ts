/** The proxies of an environment: addresses, or empty. */
export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  /** Hosts that are reached directly; those of this machine always are. */
  readonly noProxy: string;
}

/** Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; in lower case they win. */
export function proxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings {
  const noProxy = [env["no_proxy"] ?? env["NO_PROXY"] ?? "", "localhost,127.0.0.1,[::1]"].join(",");
  return {
    httpProxy: env["http_proxy"] ?? env["HTTP_PROXY"] ?? "",
    httpsProxy: env["https_proxy"] ?? env["HTTPS_PROXY"] ?? "",
    noProxy: noProxy.startsWith("*,") ? "*" : noProxy,
  };
}

/** The proxy that a URL is reached through; nothing if it is reached directly. */
export function proxyFor(
  url: URL,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const { httpProxy, httpsProxy, noProxy } = proxySettings(env);
  // As undici's EnvHttpProxyAgent does: HTTPS takes the proxy for HTTP where it has none of its own.
  const proxy = url.protocol === "https:" ? httpsProxy || httpProxy : httpProxy;
  if (proxy === "" || noProxy === "*") return undefined;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isDirect = noProxy.split(/[,\s]/).some((entry) => {
    const [, name = entry, only] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const host = name.replace(/^\*?\./, "").toLowerCase();
    if (host === "" || (only !== undefined && only !== port)) return false;
    return url.hostname === host || url.hostname.endsWith(`.${host}`);
  });
  return isDirect ? undefined : proxy;
}
