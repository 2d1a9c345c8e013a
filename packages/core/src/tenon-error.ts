const brand = Symbol.for("tenon.dev/error");

/** What a {@link TenonError} carries beside its message. */
export interface TenonErrorOptions {
  /** The next thing to do, as a sentence or a command. */
  readonly hint?: string | undefined;
  /** Where the failure is in a user's files; printed with the line shown. */
  readonly diagnostics?: readonly Diagnostic[] | undefined;
  /** Facts for programs (status codes, field managers, …), without secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** A position in a text file. `line` and `column` count from 1; `column` counts bytes as CUE does. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The text of the line, where it is known. */
  readonly lineText?: string | undefined;
}

/** One failure with every place that takes part in it. */
export interface Diagnostic {
  readonly text: string;
  /** Path of the value that is wrong, such as `values.replicas`. */
  readonly path?: string | undefined;
  readonly positions: readonly Position[];
  readonly notes?: readonly string[] | undefined;
  /** The value is secret: its lines are shown without it. */
  readonly secret?: true | undefined;
}

/**
 * A failure that a user can act on. `code` is stable public API, the message is prose:
 * "Cannot push manifest to ghcr.io/a/b: 401 UNAUTHORIZED".
 */
export class TenonError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: Code, message: string, options: TenonErrorOptions = {}) {
    super(printable(message), "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint === undefined ? undefined : printable(options.hint);
    this.diagnostics = options.diagnostics ?? [];
    this.details = options.details ?? {};
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Tells a {@link TenonError} of any copy of this package from other values. */
export function isTenonError(value: unknown): value is TenonError {
  return value instanceof Error && brand in value;
}

/** Tells whether this is a {@link TenonError} with one of these codes. */
export function hasCode<Code extends string>(
  value: unknown,
  ...codes: readonly Code[]
): value is TenonError<Code> {
  return isTenonError(value) && (codes as readonly string[]).includes(value.code);
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * Drops control characters but newline and tab, and those that turn the direction of what follows, so that text
 * of others can neither drive a terminal nor look like another.
 */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");
}

/** Hides user information and query values of every URL in a text. */
export function redactUrls(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1***@")
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?]*\?)[^\s"')]*/gi, "$1***");
}
