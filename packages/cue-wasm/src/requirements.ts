import type { Position } from "@tenon/core";

import { encodeMessage, type Message } from "./protocol.ts";

/** The folder of a source in which the modules are that it depends on, each in `PATH@VERSION/`. */
export const dependencyFolder = "cue.mod/dependencies/" as const;

/** What a module requires, and in which registries it looks for that. */
export interface RequirementsRequest {
  /** The text of `cue.mod/module.cue`. */
  readonly moduleFile: Uint8Array;
  /** The text of `cue.mod/local-module.cue`, which the module that is built may have. */
  readonly localModuleFile?: Uint8Array | undefined;
  /**
   * Registries in the form of `CUE_REGISTRY`, such as `example.com=localhost:5000/cue+insecure`;
   * CUE's own unless given.
   */
  readonly registry?: string | undefined;
}

/** A module that another one requires. */
export interface Requirement {
  /** Without the major version: `example.com/lib`. */
  readonly path: string;
  /** Such as `v0.1.0`. */
  readonly version: string;
  /** Where the module file names it. */
  readonly at: Position;
  /** Where it is published; nothing where no registry is meant to have it. */
  readonly location?: ModuleLocation | undefined;
}

/** Where a version of a module is published. */
export interface ModuleLocation {
  readonly host: string;
  /** Plain HTTP is fine. */
  readonly insecure?: boolean | undefined;
  readonly repository: string;
  readonly tag: string;
}

/** What a module requires; a module file that is wrong requires nothing. */
export type RequirementsResult =
  | {
      readonly ok: true;
      /** Name of the module with its major version: `example.com/app@v0`. */
      readonly module: string;
      readonly requirements: readonly Requirement[];
    }
  /** The registries are not in the form of `CUE_REGISTRY`. */
  | { readonly ok: false; readonly reason: string };

/** The archive of a version of a module, as registries have it. */
export interface ModuleArchive {
  /** Without the major version. */
  readonly path: string;
  readonly version: string;
  /** A zip file. */
  readonly content: Uint8Array;
}

/** The files of a module by their path in it, or why the archive cannot be one of this module. */
export type UnpackedModule =
  | { readonly ok: true; readonly files: ReadonlyMap<string, Uint8Array> }
  | { readonly ok: false; readonly reason: string };

/** The request frame for requirements. */
export function encodeRequirements(request: RequirementsRequest): Uint8Array {
  const { moduleFile, localModuleFile, registry } = request;
  const files = [{ path: "cue.mod/module.cue", content: moduleFile }];
  if (localModuleFile !== undefined) {
    files.push({ path: "cue.mod/local-module.cue", content: localModuleFile });
  }
  return encodeMessage(
    {
      op: "requirements",
      files: files.map(({ path, content }) => ({ path, size: content.length })),
      registry,
    },
    files.map(({ content }) => content),
  );
}

/** Reads the answer to {@link encodeRequirements}. */
export function decodeRequirements(
  { header }: Message,
  request: RequirementsRequest,
): RequirementsResult {
  const reason = reasonIn(header);
  if (reason !== undefined) return { ok: false, reason };
  const requirements = (header["requirements"] ?? []) as readonly Requirement[];
  const text = (request.localModuleFile ?? request.moduleFile) as Uint8Array;
  const lines = Buffer.from(text).toString("utf8").split("\n");
  return {
    ok: true,
    module: (header["module"] as string | undefined) ?? "",
    requirements: requirements.map(({ at, ...rest }) => ({
      ...rest,
      at: { ...at, lineText: lines[at.line - 1] },
    })),
  };
}

/** The request frame to unpack an archive. */
export function encodeModuleArchive({ path, version, content }: ModuleArchive): Uint8Array {
  const files = [{ path: "module.zip", size: content.length }];
  return encodeMessage({ op: "unpack", files, path, version }, [content]);
}

/** Reads the answer to {@link encodeModuleArchive}. */
export function decodeUnpackedModule({ header, body }: Message): UnpackedModule {
  const reason = reasonIn(header);
  if (reason !== undefined) return { ok: false, reason };
  const listed = (header["files"] ?? []) as readonly { path: string; size: number }[];
  const files = new Map<string, Uint8Array>();
  let at = 0;
  for (const { path, size } of listed) {
    files.set(path, body.slice(at, at + size));
    at += size;
  }
  return { ok: true, files };
}

function reasonIn(header: Message["header"]): string | undefined {
  const [first] = (header["diagnostics"] ?? []) as readonly { readonly text: string }[];
  return first?.text;
}
