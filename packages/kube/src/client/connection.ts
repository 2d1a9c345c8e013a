import type { ExecConfig } from "./exec-credential.ts";
import type { UserEntry } from "./kubeconfig-file.ts";

/** Where a cluster is and how to prove who we are; no connection is open yet. */
export interface KubeConnection {
  /** URL of the API server, without a slash at the end. */
  readonly server: string;
  /** Name of the kubeconfig context, `in-cluster`, or nothing for plain options. */
  readonly context?: string | undefined;
  /** Namespace to use when none is asked for. */
  readonly namespace: string;
  readonly tls: KubeTls;
  readonly auth: KubeAuth;
  readonly impersonate?: Impersonation | undefined;
  /** URL of the HTTP proxy to go through. */
  readonly proxy?: string | undefined;
  /** Environment for exec plugins. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** TLS settings; files are read when the connection is opened. */
export interface KubeTls {
  readonly caFile?: string | undefined;
  /** PEM text. */
  readonly ca?: string | undefined;
  readonly certFile?: string | undefined;
  readonly cert?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly key?: string | undefined;
  readonly serverName?: string | undefined;
  readonly insecure?: boolean | undefined;
}

/** How requests are authenticated beside TLS client certificates. */
export type KubeAuth =
  | { readonly type: "none" }
  | { readonly type: "token"; readonly token: string }
  | { readonly type: "token-file"; readonly file: string }
  | { readonly type: "basic"; readonly username: string; readonly password: string }
  | { readonly type: "exec"; readonly exec: ExecConfig; readonly interactive: boolean }
  | { readonly type: "auth-provider"; readonly user: UserEntry };

/** Whom to act as. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string | undefined;
  readonly groups?: readonly string[] | undefined;
}
