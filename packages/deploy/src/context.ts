import type { Digest } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";
import type { KubeEvent, RewrittenImage } from "@tenon/kube";
import type { ClientCache } from "@tenon/oci";

import type { BundleEvent } from "./bundle/bundle-event.ts";
import type { LockSession } from "./lock/lock-session.ts";
import type { OpenRegistry } from "./source/open-registry.ts";
import type { TagEvent } from "./trust/tag-event.ts";
import type { TrustSettings } from "./trust/trust-settings.ts";

/** What every use case is given; nothing is taken from globals. */
export interface DeployContext {
  readonly engine: Engine;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  /** Takes progress as it happens. It must not throw. */
  readonly onEvent?: ((event: DeployEvent) => void) | undefined;
  /** Takes every artifact that files were taken from, for what is to carry them. It must not throw. */
  readonly onFetched?: ((artifact: FetchedArtifact) => void) | undefined;
  /** Folder for layers of artifacts and what servers serve; nothing is cached without it. */
  readonly cacheDir?: string | undefined;
  /** Folder for what was found out about failures; nothing is kept without it. */
  readonly stateDir?: string | undefined;
  /** Version of the program, for what it leaves behind. */
  readonly version?: string | undefined;
  /** Of what runs here and not in the engine; nothing is limited without it. */
  readonly limits?: { readonly deadlineMs: number; readonly memoryMiB: number } | undefined;
  /** Accept plain HTTP and unverified TLS of registries. */
  readonly insecureRegistry?: boolean | undefined;
  /** The `registries.conf` to use in place of those that are found. */
  readonly registriesConf?: string | undefined;
  /** Take the images of what is rendered from where the mirror table says. */
  readonly rewriteImages?: boolean | undefined;
  /** Ask no registry: what was vendored is all there is. */
  readonly offline?: boolean | undefined;
  /** Folder of what was vendored; `tenon_modules` beside the bundle, else in the working folder, unless given. */
  readonly vendorDir?: string | undefined;
  /** The command that vendors what is being worked on, for messages. */
  readonly vendorCommand?: string | undefined;
  /** What the modules of a bundle were resolved to. */
  readonly lock?: LockSession | undefined;
  /** Puts something between a registry and who reads it. */
  readonly wrapRegistry?: ((open: OpenRegistry) => OpenRegistry) | undefined;
  /** What decides whose artifacts are used; everything is accepted without it. */
  readonly trust?: TrustSettings | undefined;
  /** What this run learns about registries, such as access tokens: an empty map at its start. */
  readonly registryCache?: ClientCache | undefined;
}

/** An artifact that files were taken from. */
export interface FetchedArtifact {
  /** A module, or a CUE module that something requires. */
  readonly role: "module" | "dependency";
  /** `oci://host/repository`, as it is asked for. */
  readonly repository: string;
  /** The tag that it was found by, if any. */
  readonly tag?: string | undefined;
  readonly digest: Digest;
  readonly annotations: Readonly<Record<string, string>>;
  /** It comes from a registry without TLS, on purpose. */
  readonly insecure?: boolean | undefined;
}

/** Progress of a use case. */
export type DeployEvent =
  | { readonly type: "module-opening"; readonly location: string }
  | {
      readonly type: "module-opened";
      readonly name: string;
      readonly repository: string;
      readonly version: string;
      readonly digest: string;
      /** Where it was read, if not at `repository`. */
      readonly mirror?: string | undefined;
    }
  /** The lock file does not list a module: it was resolved anew. */
  | {
      readonly type: "not-locked";
      readonly module: string;
      readonly asked: string;
      readonly version: string;
      readonly digest: string;
    }
  | {
      readonly type: "transfer";
      readonly direction: "push" | "pull";
      readonly digest: string;
      readonly bytes: number;
      readonly total: number;
      readonly done: boolean;
    }
  /** What a registry says to whoever uses it; once for each text. */
  | { readonly type: "registry-warning"; readonly host: string; readonly text: string }
  | {
      /** Calls are repeated, as the API server does not serve them. */
      readonly type: "retrying";
      readonly server: string;
      readonly action: string;
      readonly reason: "unreachable" | "busy";
      readonly sinceMs: number;
    }
  /** An artifact is in an export, or at its new place, with all that belongs to it. */
  | { readonly type: "artifact-carried"; readonly name: string; readonly digest: string }
  /** A manifest was read elsewhere than it is named; both `host/repository`, with the tag or digest. */
  | { readonly type: "mirror-used"; readonly name: string; readonly mirror: string }
  | {
      /** The next mirror, or the registry itself, is asked instead. */
      readonly type: "mirror-failed";
      /** `host/repository`, with the tag or digest. */
      readonly mirror: string;
      readonly reason: string;
      /** It has not got it. After any other failure it is not asked again. */
      readonly missing: boolean;
    }
  | {
      /** The mirror table gave images of an instance another place. */
      readonly type: "images-rewritten";
      readonly instance: string;
      readonly images: readonly RewrittenImage[];
    }
  | { readonly type: "rendered"; readonly instance: string; readonly objects: number }
  | TagEvent
  | BundleEvent
  | KubeEvent;
