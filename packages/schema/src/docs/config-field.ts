/** A value that users of a module may set. */
export interface ConfigField {
  /** CUE path below `values`: `image.repository`. */
  readonly path: string;
  /** The labels as they are written in CUE, with `?` and `!`: `image: digest?:`. */
  readonly key: string;
  /** What is allowed, as CUE on one line. */
  readonly type: string;
  /** The default as CUE on one line. */
  readonly default?: string | undefined;
  /** The comments of the module on one line; where it has none, the first sentence of those of what it imports. */
  readonly description: string;
  /** Has to be set. */
  readonly required: boolean;
  /** May be left out, and then is not there. */
  readonly optional: boolean;
}
