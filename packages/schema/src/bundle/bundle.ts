import type { Position } from "@tenon/core";
import type { ValueSource } from "@tenon/cue-wasm";

import type { Patch } from "../patch/path-in-patch.ts";

/** A set of instances, declared together. */
export interface Bundle {
  readonly name: string;
  /** In the order in which CUE gives them. */
  readonly instances: readonly BundleInstance[];
  readonly waves: readonly BundleWave[];
  /** Where the values at CUE paths are written in the user's files, for each path the first place. */
  readonly locate: (paths: readonly string[]) => Promise<(Position | undefined)[]>;
  /** As `locate`, with all the places of each. */
  readonly locateAll: (paths: readonly string[]) => Promise<Position[][]>;
  /** The evaluated bundle as CUE text. */
  readonly print: () => Promise<string>;
}

/** An instance as a bundle declares it. */
export interface BundleInstance {
  readonly name: string;
  readonly namespace: string;
  readonly module: BundleModule;
  /** Its values as a values file. */
  readonly values: ValueSource;
  /** What is changed in the objects that its module renders. */
  readonly patches: readonly Patch[];
  /** CUE path of its declaration in the bundle. */
  readonly path: string;
  /** CUE path of its values. */
  readonly valuesPath: string;
  /** Names of instances of the same bundle that are ready before it is applied. */
  readonly dependsOn: readonly string[];
  /** Where each of them is written. */
  readonly dependencyPositions?: readonly (Position | undefined)[] | undefined;
  /** Where it stands in the user's file. */
  readonly position?: Position | undefined;
  /** Where the version of its module stands there, or else its URL. */
  readonly modulePosition?: Position | undefined;
}

/** The module of an instance. */
export interface BundleModule {
  /**
   * `oci://…`, `file://` with a path that is absolute or starts from the current folder, or the URL of
   * the module of inline objects.
   */
  readonly url: string;
  readonly version: string;
  readonly digest?: string | undefined;
}

/** A group of instances, of clusters, or of both, that is ready before the next one starts. */
export interface BundleWave {
  readonly name: string;
  readonly instances?: readonly string[] | undefined;
  readonly clusters?: readonly string[] | undefined;
  /** How long it has to stay ready before the next one starts, in milliseconds. */
  readonly soakMs: number;
}

/** A file that declares a bundle or a runtime, or a part of one. */
export interface CueFile {
  /** As the user knows it; relative `file://` URLs start from its folder. */
  readonly name: string;
  readonly content: Uint8Array;
  /** For content that is JSON made by the file: where a position in that JSON is written in the file. */
  readonly origin?: ((position: Position) => Position) | undefined;
}
