/** `--creds`. */
export const credsFlag = {
  type: "string",
  value: "user:password",
  secret: true,
  summary: "Credentials for the registry, or a bearer token; else those of `registry login`",
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

/** `-p`. */
export const packageFlag = {
  type: "string",
  short: "p",
  value: "name",
  default: "main",
  summary: "CUE package to build",
} as const;

/** Flags that say which artifact a module comes from. */
export const moduleFlags = {
  version: {
    type: "string",
    short: "v",
    value: "semver",
    summary: "Version of the module; the latest unless given",
  },
  digest: {
    type: "string",
    short: "d",
    value: "sha256:hex",
    summary: "Digest that the module must have",
  },
} as const;
