import type { InstanceRequest, ModuleRequest, ValuesRequest } from "@tenon/deploy";

import type { CommandContext } from "../context.ts";

/** The instance that a command is about. */
export const instanceArg = {
  name: "name",
  summary: "Name of the instance",
  required: true,
  complete: "instance",
} as const;

/** Where a module is. */
export const moduleArg = {
  name: "module",
  summary: "Folder of the module, or oci://registry/repository",
  complete: "directory",
} as const;

/** The folder of a module. */
export const folderArg = {
  name: "path",
  summary: "Folder of the module",
  default: ".",
  complete: "directory",
} as const;

/** `--creds`. */
export const credsFlag = {
  type: "string",
  value: "user:password",
  secret: true,
  summary: "Credentials for the registry, or a bearer token; else those of `registry login`",
} as const;

/** `--overwrite`. */
export const overwriteFlag = {
  type: "boolean",
  summary: "Move the tag of a released version to another content",
} as const;

/** `-f`. */
export const valuesFlag = {
  type: "strings",
  short: "f",
  split: true,
  value: "file",
  complete: "file",
  summary: "Values in CUE, YAML or JSON, `-` for CUE on stdin; may be repeated, later files win",
} as const;

/** `-f` where each file stands for an instance. */
export const corpusFlag = {
  type: "strings",
  short: "f",
  split: true,
  value: "path",
  complete: "file",
  summary: "Values to render with, each file by itself; a folder stands for all files in it",
} as const;

/** `--set`. */
export const setFlag = {
  type: "strings",
  value: "path=value",
  summary: "One value by its path, of the type that the module has there; wins over files",
} as const;

/** `-p`. */
export const packageFlag = {
  type: "string",
  short: "p",
  value: "name",
  default: "main",
  summary: "CUE package to build",
} as const;

/** `--rewrite-images`. */
export const rewriteImagesFlag = {
  type: "boolean",
  summary: "Take images from where the table of mirrors says: the first mirror, else the location",
} as const;

/** `--kube-version`. */
export const kubeVersionFlag = {
  type: "string",
  value: "version",
  summary: "Kubernetes version to build for and check with, such as 1.33; the newest unless given",
} as const;

/** `--images`. */
export const imagesFlag = {
  type: "string",
  value: "demand",
  choices: ["pinned", "signed"],
  summary: "Demand that images are pinned by digest, or that and signed as the trust policy says",
} as const;

/** Flags that say which artifact a module comes from. */
export const moduleFlags = {
  version: {
    type: "string",
    short: "v",
    value: "semver",
    summary: "Version of the module, or a range such as ^1.2; the latest unless given",
  },
  digest: {
    type: "string",
    short: "d",
    value: "sha256:hex",
    summary: "Digest that the module must have",
  },
} as const;

/** Flags that say what an instance is made of. */
export const renderFlags: typeof moduleFlags & {
  readonly values: typeof valuesFlag;
  readonly set: typeof setFlag;
  readonly creds: typeof credsFlag;
  readonly package: typeof packageFlag;
} = { values: valuesFlag, set: setFlag, ...moduleFlags, creds: credsFlag, package: packageFlag };

/** `-a`. */
export const annotationFlag = {
  type: "strings",
  short: "a",
  value: "key=value",
  summary: "Annotation of the artifact; may be repeated",
} as const;

/** An instance of the cluster that the flags choose. */
export function instanceRequest(name: string, context: CommandContext): InstanceRequest {
  return { cluster: context.cluster(), name, namespace: context.globals.namespace };
}

/** Where the values of an instance come from, as its flags say. */
export function valuesRequest(
  flags: { readonly values: readonly string[]; readonly set: readonly string[] },
  context: CommandContext,
): ValuesRequest {
  return { files: flags.values, settings: flags.set, stdin: context.io.stdin };
}

/** A module, as its argument and {@link moduleFlags} say. */
export function moduleRequest(
  location: string,
  flags: Pick<ModuleRequest, "version" | "digest" | "creds">,
): ModuleRequest {
  const { version, digest, creds } = flags;
  return { location, version, digest, creds };
}
