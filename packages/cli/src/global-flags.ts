import type { Flag, Input } from "./define-command.ts";

/** Flags that every command takes. */
export const commonFlags = {
  timeout: {
    type: "duration",
    default: "5m",
    summary: "Time limit: of each wait for a cluster, and of the whole command elsewhere",
  },
  "cache-dir": {
    type: "string",
    value: "dir",
    complete: "directory",
    summary: "Folder of downloaded modules and rendered instances [env: TENON_CACHE_DIR]",
  },
  "registry-insecure": {
    type: "boolean",
    summary: "Accept plain HTTP and any certificate of registries",
  },
  offline: {
    type: "boolean",
    summary:
      "Ask no registry: read what `tenon vendor` wrote; clusters are still asked [env: TENON_OFFLINE]",
  },
  "vendor-dir": {
    type: "string",
    value: "dir",
    complete: "directory",
    summary:
      "Folder of vendored modules; tenon_modules beside the bundle, else here [env: TENON_VENDOR_DIR]",
  },
  "trust-policy": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Trust policy; else tenon.trust.yaml here or above [env: TENON_TRUST_POLICY]",
  },
  "registries-conf": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Table of mirrors, in place of those of the system [env: TENON_REGISTRIES_CONF]",
  },
  "eval-timeout": {
    type: "duration",
    default: "1m",
    summary: "Time limit of each evaluation of a module, bundle or runtime",
  },
  "eval-memory": {
    type: "integer",
    value: "MiB",
    default: 1024,
    min: 64,
    summary: "Memory limit of each evaluation",
  },
  timings: { type: "boolean", summary: "Print on stderr what each evaluation cost" },
  "no-color": { type: "boolean", summary: "Print without colours [env: NO_COLOR]" },
  quiet: { type: "boolean", short: "q", summary: "Print errors and data only" },
} as const;

/** Flags that choose a cluster and who we are there. Every command takes them. */
export const clusterFlags = {
  namespace: { type: "string", short: "n", summary: "Namespace of the instance" },
  kubeconfig: {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Path of the kubeconfig file [env: KUBECONFIG]",
  },
  "kube-context": { type: "string", value: "name", summary: "Context of the kubeconfig" },
  "kube-server": { type: "string", value: "url", summary: "Address of the API server" },
  "kube-token": { type: "string", secret: true, summary: "Bearer token for the API server" },
  "kube-as": { type: "string", value: "user", summary: "User to act as" },
  "kube-as-group": {
    type: "strings",
    split: true,
    value: "group",
    summary: "Group to act as; may be repeated",
  },
  "kube-as-uid": { type: "string", value: "uid", summary: "UID to act as" },
  "kube-tls-server-name": {
    type: "string",
    value: "name",
    summary: "Name to expect in the API server's certificate",
  },
  "kube-client-certificate": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Client certificate file",
  },
  "kube-client-key": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "Client key file",
  },
  "kube-certificate-authority": {
    type: "string",
    value: "file",
    complete: "file",
    summary: "File with the authority that signed the API server's certificate",
  },
  "kube-insecure-skip-tls-verify": {
    type: "boolean",
    summary: "Accept any certificate of the API server",
  },
} as const;

/** Flags that every command takes, by name. */
export const globalFlags: Readonly<Record<string, Flag>> = { ...commonFlags, ...clusterFlags };

/** Values of the global flags. */
export type Globals = Input<readonly [], typeof commonFlags & typeof clusterFlags>["flags"];
