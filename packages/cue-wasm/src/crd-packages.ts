import { type WireDiagnostic, decodeDiagnostic, placeIn, textReader } from "./evaluate.ts";
import { type CueDiagnostic } from "./evaluation.ts";
import { encodeMessage, type Message } from "./protocol.ts";

/** A YAML or JSON text with CustomResourceDefinitions in it. */
export interface CrdFile {
  /** How messages name the file. */
  readonly name: string;
  readonly content: Uint8Array;
  /** Names of the definitions that are wanted, such as `certificates.cert-manager.io`. */
  readonly names?: readonly string[] | undefined;
  /** Groups whose definitions are wanted; all are without names and groups. */
  readonly groups?: readonly string[] | undefined;
}

/** The CUE package of one version of a CustomResourceDefinition. */
export interface CrdPackage {
  /** Name of the definition. */
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly version: string;
  /** Import path: group, singular name, version. */
  readonly path: string;
  /** Line of the file where the definition begins. */
  readonly line: number;
  /** CUE text. */
  readonly text: string;
}

/** What a file with CustomResourceDefinitions gave; mistakes in it are data. */
export type CrdResult =
  | {
      readonly ok: true;
      readonly packages: readonly CrdPackage[];
      /** Names of all definitions of the file, wanted or not. */
      readonly names: readonly string[];
    }
  | { readonly ok: false; readonly diagnostics: readonly CueDiagnostic[] };

// The engine cleans file names: it is given one that stays as it is.
const innerName = "crds";

/** The request frame of a translation. */
export function encodeCrdFile({ content, names, groups }: CrdFile): Uint8Array {
  const files = [{ path: innerName, size: content.length }];
  return encodeMessage({ op: "crds", files, names, groups }, [content]);
}

interface WireResponse {
  readonly packages?: readonly (Omit<CrdPackage, "text"> & { readonly size: number })[];
  readonly names?: readonly string[];
  readonly diagnostics?: readonly WireDiagnostic[];
}

/** Reads the answer to {@link encodeCrdFile}. */
export function decodeCrdPackages(message: Message, file: CrdFile): CrdResult {
  const response = message.header as WireResponse;
  if (response.diagnostics !== undefined) {
    const place = placeIn(file.name, file.content);
    const diagnostics = response.diagnostics.map((entry) => decodeDiagnostic(entry, place));
    return { ok: false, diagnostics };
  }
  const take = textReader(message.body);
  const packages = (response.packages ?? []).map(({ size, ...rest }) => {
    return { ...rest, text: take(size) };
  });
  return { ok: true, packages, names: response.names ?? [] };
}
