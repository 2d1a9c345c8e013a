export type { Bundle, BundleInstance, BundleModule, BundleWave, CueFile } from "./bundle/bundle.ts";
export type { ReadBundleRequest } from "./bundle/read-bundle.ts";
export { fileKind } from "./bundle/evaluate-files.ts";
export { readBundle } from "./bundle/read-bundle.ts";
export { bundleJsonSchema } from "./bundle/bundle-json-schema.ts";
export type { DeclaredValues } from "./bundle/bundle-values.ts";
export {
  atDeclaration,
  inBundleFiles,
  placesInBundle,
  valuesContent,
} from "./bundle/bundle-values.ts";
export type { CrdSelection, CrdSource } from "./crd/read-crds.ts";
export { readCrds } from "./crd/read-crds.ts";
export { requireCueModule, vendorCrds } from "./crd/vendor-crds.ts";
export { compareSchemas } from "./compat/compare-schemas.ts";
export type { Impact, SchemaChange, SchemaChangeKind } from "./compat/schema-change.ts";
export type { ConfigField } from "./docs/config-field.ts";
export { configTable } from "./docs/config-table.ts";
export { insertConfigTable } from "./docs/insert-config-table.ts";
export { moduleConfig } from "./docs/module-config.ts";
export { moduleReadme } from "./docs/module-readme.ts";
export { writeConfigTable } from "./docs/write-config-table.ts";
export type { SchemaErrorCode } from "./errors.ts";
export { SchemaError } from "./errors.ts";
export { replaceFile } from "./files/replace-file.ts";
export type { FormatRequest, FormattedFile } from "./format/format-files.ts";
export { formatFiles } from "./format/format-files.ts";
export type { HealthVerdict } from "./health/evaluate-health-check.ts";
export { evaluateHealthCheck } from "./health/evaluate-health-check.ts";
export type {
  CelExpressions,
  DeclaredHealthCheck,
  ModuleHealthChecks,
} from "./health/health-check.ts";
export { healthCheckPath, healthCheckTarget } from "./health/health-check.ts";
export { surroundingsOf } from "./health/keep-health-checks.ts";
export { healthChecksInvalid } from "./health/read-health-checks.ts";
export type { ImportedModule, ImportRequest } from "./import/import-module.ts";
export { importModule } from "./import/import-module.ts";
export { findManifests } from "./manifest/find-manifests.ts";
export type { ManifestMap, ManifestNode } from "./manifest/manifest-node.ts";
export type { ManifestFile, ParsedFile } from "./manifest/parse-documents.ts";
export { parseDocuments } from "./manifest/parse-documents.ts";
export type { Cel } from "./kubernetes/index.ts";
export { Double, Unordered, foreign } from "./kubernetes/index.ts";
export { moduleImages } from "./module/module-images.ts";
export { initFromBlueprint, initModule } from "./module/init-module.ts";
export { moduleSchema } from "./module/module-schema.ts";
export { moduleSchemaFile, writeSchemaFile, writeSchemaFor } from "./module/schema-file.ts";
export type { ModuleValues } from "./module/module-values.ts";
export { moduleValues } from "./module/module-values.ts";
export type { ModuleFiles } from "./module/read-module.ts";
export {
  moduleName,
  readFiles,
  readModule,
  requireFiles,
  requiredFiles,
} from "./module/read-module.ts";
export { vendorK8s } from "./module/vendor-k8s.ts";
export { coreImportPath, vendorCore } from "./module/vendor-core.ts";
export { inModule } from "./render/build-failure.ts";
export { checkObjects, isNamespaced } from "./render/check-objects.ts";
export type { FieldExplanation, FieldLayer, FieldPlace } from "./render/explain-field.ts";
export { explainField } from "./render/explain-field.ts";
export type { FoundImage, ImagePlace, ObjectImages } from "./render/object-images.ts";
export { OBJECT_IMAGES_ANNOTATION, findObjectImages } from "./render/object-images.ts";
export { replaceImages } from "./render/replace-images.ts";
export { maskSecrets } from "./render/mask-secrets.ts";
export { printObjects } from "./render/print-objects.ts";
export type { RenderRequest } from "./render/evaluate-module.ts";
export { defaultKubeVersion, localModuleVersion } from "./render/evaluate-module.ts";
export type { Rendered } from "./render/render-instance.ts";
export { renderInstance } from "./render/render-instance.ts";
export { evaluateQuery, isSecret } from "./runtime/evaluate-query.ts";
export type { RuntimeExpression, RuntimeQuery } from "./runtime/runtime-query.ts";
export type { Runtime, RuntimeCluster } from "./runtime/read-runtime.ts";
export { defaultCluster, readRuntime, selectClusters } from "./runtime/read-runtime.ts";
export type { Setting, ValuesInput } from "./values/setting.ts";
export { parseSetting, typedValues } from "./values/setting.ts";
export type { ExpectedObject, TestCase } from "./testing/test-cases.ts";
export { casePath, checkExpectations, readTestCases } from "./testing/test-cases.ts";
export { stdinName, valueSource } from "./values/value-source.ts";
export type { ValueSource } from "@tenon/cue-wasm";
export { hideNeighbours } from "./render/hide-secrets.ts";
export type { TypeSchema } from "./module/typescript-type.ts";
export { typescriptType } from "./module/typescript-type.ts";
export { resolveModuleUrl } from "./bundle/module-url.ts";
export { inlineModule, inlineModuleFiles } from "./bundle/inline-module.ts";
export type { ValuesCoverage } from "./testing/values-coverage.ts";
export { valuesCoverage } from "./testing/values-coverage.ts";
export { patchObjects } from "./patch/patch-objects.ts";
export type { AppliedPatch, Patch } from "./patch/path-in-patch.ts";
export { explainInBundle } from "./bundle/explain-in-bundle.ts";
export type { ModulePlace } from "./module/new-module.ts";
