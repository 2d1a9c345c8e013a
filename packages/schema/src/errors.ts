import { TenonError, type TenonErrorOptions } from "@tenon/core";

/** Codes of {@link SchemaError}. */
export type SchemaErrorCode =
  /** The module's directory does not exist or is not a directory. */
  | "SCHEMA_MODULE_NOT_FOUND"
  /** A file that every module has is missing or unreadable. */
  | "SCHEMA_MODULE_INVALID"
  /** A values file does not exist, has an unknown ending, does not parse, or conflicts with another. */
  | "SCHEMA_VALUES_INVALID"
  /** The module and its values do not evaluate: wrong types, unknown keys, missing values, CUE syntax. */
  | "SCHEMA_BUILD_FAILED"
  /** A rendered object is not a valid Kubernetes object. */
  | "SCHEMA_OBJECT_INVALID"
  /** A health check of a module cannot work. */
  | "SCHEMA_HEALTH_CHECK_INVALID"
  /** An image reference of the instance does not parse. */
  | "SCHEMA_IMAGE_INVALID"
  /** A bundle does not evaluate, or names what there is not. */
  | "SCHEMA_BUNDLE_INVALID"
  /** A runtime does not evaluate, or has no cluster of that name. */
  | "SCHEMA_RUNTIME_INVALID"
  /** A test file of a module does not evaluate, or is not as it has to be. */
  | "SCHEMA_TEST_INVALID"
  /** What a module renders is not what a case expects. */
  | "SCHEMA_TEST_FAILED"
  /** There are no schemas of that version of Kubernetes. */
  | "SCHEMA_KUBERNETES_UNKNOWN"
  /** CustomResourceDefinitions that cannot become CUE packages, or none where some are wanted. */
  | "SCHEMA_CRD_INVALID"
  /** There is no such object or field in what a module renders. */
  | "SCHEMA_FIELD_NOT_FOUND"
  /** A patch of a bundle names no rendered object, or would make another one of it. */
  | "SCHEMA_PATCH_INVALID"
  /** A CUE file does not parse. */
  | "SCHEMA_CUE_INVALID"
  /** The module that was made of manifests does not build, or does not render them as they are. */
  | "SCHEMA_IMPORT_FAILED"
  /** A path leads to nothing that the command can read. */
  | "SCHEMA_PATH_INVALID"
  /** The markers for the table of values in a Markdown file are not one pair. */
  | "SCHEMA_README_INVALID"
  /** The module has no README.md. */
  | "SCHEMA_README_NOT_FOUND"
  /** The system does not let a file be read or written. */
  | "SCHEMA_FILE_INACCESSIBLE"
  /** A file of manifests does not parse, or holds what is no Kubernetes object. */
  | "SCHEMA_MANIFEST_INVALID"
  /** Something is already at the place where a new file or directory would go. */
  | "SCHEMA_ALREADY_EXISTS"
  /** A name that the user chose does not fit where it goes. */
  | "SCHEMA_NAME_INVALID";

/** A failure of a module or of values; `diagnostics` say where. */
export class SchemaError extends TenonError<SchemaErrorCode> {
  constructor(code: SchemaErrorCode, message: string, options?: TenonErrorOptions) {
    super(code, message, options);
  }
}
