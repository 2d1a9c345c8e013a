import type { Diagnostic, Position } from "@tenon/core";

/** Files of a CUE module, kept by the engine between evaluations. Paths are relative to the module's root. */
export interface CueSource {
  readonly id: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** A file with values that are merged over those of the package. */
export interface ValueSource {
  /** How messages name the file. */
  readonly name: string;
  readonly kind: "cue" | "yaml" | "json";
  readonly content: Uint8Array;
}

/** A value that an evaluation returns. */
export interface OutputRequest {
  /** CUE path from the package's root, such as `timoni.apply`; empty for the root itself. */
  readonly path: string;
  /** Accept that the path does not exist. */
  readonly optional?: boolean;
  /** Fail unless every value below the path is concrete. */
  readonly concrete?: boolean;
  /**
   * `none`: only check; `json`: one JSON text in CUE's field order; `defaults`: the same of what is
   * concrete, without the rest; `cue`: CUE text; `kind`: the kinds that the path may hold, optional
   * or not, such as `(int|string)`;
   * `docs`: a JSON list of the fields that a struct may have, with their types, defaults and comments;
   * `lists`: a struct of lists, each element a JSON text.
   */
  readonly encoding: "none" | "json" | "defaults" | "cue" | "kind" | "docs" | "lists";
}

/** What to evaluate. */
export interface Evaluation {
  readonly source: CueSource;
  /** Folder of the package inside the source; the root unless given. */
  readonly dir?: string | undefined;
  readonly package: string;
  /** Files to load in place of a package, relative to `dir`. */
  readonly fileArgs?: readonly string[] | undefined;
  /** Files that are added to or take the place of the source's for this evaluation. */
  readonly overlay?: ReadonlyMap<string, Uint8Array | string> | undefined;
  /** Files of the overlay that are not CUE, by path. */
  readonly kinds?: ReadonlyMap<string, "yaml" | "json"> | undefined;
  /** Values for the fields of `fileArgs` with an attribute `@timoni(runtime:TYPE:NAME)`, by NAME. */
  readonly runtimeValues?: Readonly<Record<string, string>> | undefined;
  /** `@tag` values as `name=value`, or `name` for `@if` conditions. */
  readonly tags?: readonly string[];
  /** Values of tag variables (`@tag(x, var=name)`). */
  readonly tagVars?: Readonly<Record<string, string>>;
  /** Merges values over a field of one file; later overlays win. */
  readonly merge?: {
    readonly path: string;
    readonly field: string;
    readonly overlays: readonly ValueSource[];
  };
  readonly outputs: readonly OutputRequest[];
  /** Paths whose source positions are wanted. */
  readonly locate?: readonly string[];
  /** Paths of values that all contributing expressions are wanted of. */
  readonly trace?: readonly string[];
  /** Path of regular fields to a value whose declarations are wanted by themselves. */
  readonly slice?: readonly string[];
}

/** What to write the schema of a values file from: what {@link Evaluation.merge} takes, without its overlays. */
export interface SchemaRequest extends Pick<Evaluation, "source" | "dir" | "package" | "overlay"> {
  readonly merge: { readonly path: string; readonly field: string };
  readonly schema: {
    readonly title: string;
    /** CUE path of the value in which the merged field ends up complete. */
    readonly built: string;
  };
}

/** One value of an evaluation. */
export interface Output {
  readonly exists: boolean;
  /** The text of every encoding but `none` and `lists`. */
  readonly text?: string;
  /** The lists of encoding `lists`; null elements are null. */
  readonly lists?: readonly { readonly name: string; readonly items: readonly (string | null)[] }[];
  /** The hidden fields beside them that hold lists as well. */
  readonly hidden?: readonly CueDiagnostic[];
}

/** An expression that contributes to a value. */
export interface TraceStep {
  readonly position: Position;
  /** `value` where the expression alone is concrete, `default` where its default is. */
  readonly gives?: "value" | "default" | undefined;
  /** The CUE path that the expression refers to. */
  readonly refers?: string | undefined;
  /** Its comment. */
  readonly doc?: string | undefined;
}

/** A failure in CUE files with the names that would have been allowed. */
export interface CueDiagnostic extends Diagnostic {
  /** Names of fields, or texts where `given` is there, that would have been allowed. */
  readonly alternatives: readonly string[];
  /** The text that is none of the alternatives. */
  readonly given?: string | undefined;
}

/** A part of a module that is a smaller module: one value without what it does not depend on. */
export interface Slice {
  /** Contents by path, without `cue.mod/module.cue`. What the value only reads has become constants. */
  readonly files: ReadonlyMap<string, string>;
  /** The texts in them that are constants or came from values. */
  readonly texts: readonly string[];
}

/** What an evaluation gave. Failures of users' files are data; failures of the engine throw. */
export type EvaluationResult =
  | {
      readonly ok: true;
      /** By path. */
      readonly outputs: ReadonlyMap<string, Output>;
      /** CUE text of the merged field, when `merge` was asked for. */
      readonly merged: string | undefined;
      readonly located: readonly (readonly Position[])[];
      /** What `trace` asked for: references before what they lead to. */
      readonly traced: readonly (readonly TraceStep[])[];
      /** What `slice` asked for; nothing when that is too much. */
      readonly slice: Slice | undefined;
      readonly timings: Timings;
    }
  | {
      readonly ok: false;
      readonly stage: "merge" | "load" | "build" | "output";
      readonly diagnostics: readonly CueDiagnostic[];
      readonly timings: Timings;
    };

/** Microseconds by stage: merge, load, build, encode. */
export type Timings = Readonly<Record<string, number>>;
