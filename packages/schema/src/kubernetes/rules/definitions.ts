import { checkDefault } from "../custom/check-default.ts";
import { regex } from "../custom/check-structure.ts";
import { keysOfPath, propertiesOf, propertyOf, rulesOf } from "../custom/structural-schema.ts";
import { dnsLabelWithLetterFirst, dnsSubdomain, inAnyCase, matching, oneOf } from "./formats.ts";
import {
  type Fields,
  type Findings,
  type Path,
  type RuleTable,
  type Surroundings,
  isEmpty,
  isRecord,
  isSet,
  listOf,
  recordOf,
  recordsOf,
  reportRepeated,
  textOf,
} from "./rule.ts";

const group = "apiextensions-apiserver.pkg.apis.apiextensions.v1";
const name = dnsLabelWithLetterFirst;

export const definitionRules: RuleTable = {
  [`${group}.CustomResourceDefinition`]: { check: checkDefinition },
  [`${group}.CustomResourceDefinitionSpec`]: {
    filled: ["group", "scope"],
    formats: { group: dnsSubdomain },
    check({ preserveUnknownFields }, found) {
      if (preserveUnknownFields === true) {
        found.problem(["preserveUnknownFields"], '"preserveUnknownFields" must be false');
      }
    },
  },
  [`${group}.CustomResourceDefinitionNames`]: {
    filled: ["plural", "kind"],
    formats: {
      plural: name,
      singular: name,
      shortNames: name,
      categories: name,
      kind: inAnyCase(name),
      listKind: inAnyCase(name),
    },
    check({ kind, listKind }, found) {
      if (!isEmpty(kind) && kind === listKind)
        found.problem(["listKind"], "it must not be the same as kind");
    },
  },
  [`${group}.CustomResourceDefinitionVersion`]: {
    filled: ["name"],
    formats: { name },
    check: checkVersion,
  },
  [`${group}.CustomResourceConversion`]: {
    check({ strategy, webhook }, found) {
      if (strategy === "Webhook" && !isSet(recordOf(webhook)["clientConfig"])) {
        found.problem(["webhook", "clientConfig"], 'required field "clientConfig" is missing');
      }
      if (strategy === "None" && isSet(webhook)) {
        found.problem(["webhook"], '"webhook" must be left out where the strategy is None');
      }
    },
  },
  [`${group}.WebhookConversion`]: {
    filled: ["conversionReviewVersions"],
    formats: { conversionReviewVersions: name },
    check({ conversionReviewVersions: versions }, found) {
      const list = listOf(versions);
      if (list.length > 0 && !list.includes("v1") && !list.includes("v1beta1")) {
        found.problem(["conversionReviewVersions"], "v1 or v1beta1 must be among the versions");
      }
      for (const [index, version] of list.entries()) {
        if (list.indexOf(version) < index) {
          found.problem(["conversionReviewVersions", index], `duplicate of ${String(version)}`);
        }
      }
    },
  },
  [`${group}.CustomResourceColumnDefinition`]: {
    filled: ["name", "type", "jsonPath"],
    formats: {
      type: oneOf("boolean", "date", "integer", "number", "string"),
      format: oneOf(
        "int32",
        "int64",
        "float",
        "double",
        "byte",
        "binary",
        "date",
        "date-time",
        "password",
      ),
    },
  },
  [`${group}.CustomResourceSubresourceScale`]: {
    filled: ["specReplicasPath", "statusReplicasPath"],
    formats: {
      specReplicasPath: matching('a path that begins with ".spec."', /^\.spec\../),
      statusReplicasPath: matching('a path that begins with ".status."', /^\.status\../),
      labelSelectorPath: matching(
        'a path that begins with ".spec." or ".status."',
        /^\.(spec|status)\../,
      ),
    },
  },
  [`${group}.SelectableField`]: { filled: ["jsonPath"] },
};

function checkDefinition({ metadata, spec }: Fields, found: Findings): void {
  const { group: ofSpec, names, versions } = recordOf(spec);
  const { name: given, annotations } = recordOf(metadata);
  const wanted = `${textOf(recordOf(names)["plural"])}.${textOf(ofSpec)}`;
  const isComplete = !isEmpty(ofSpec) && !isEmpty(recordOf(names)["plural"]);
  if (isComplete && typeof given === "string" && given !== wanted) {
    found.expected(
      ["metadata", "name"],
      `the plural name and the group, ${JSON.stringify(wanted)}`,
      given,
    );
  }
  const approval = "api-approved.kubernetes.io";
  if (
    /(^|\.)(k8s|kubernetes)\.io$/.test(textOf(ofSpec)) &&
    isEmpty(recordOf(annotations)[approval])
  ) {
    const message = `groups of Kubernetes' own need the annotation ${approval}`;
    found.problem(["metadata", "annotations", approval], message);
  }
  reportRepeated(found, versions, ["spec", "versions"], (version) => textOf(version["name"]));
  checkStorage(found, versions);
}

function checkStorage(found: Findings, versions: unknown): void {
  const flags = recordsOf(versions).map(([, { storage }]) => storage);
  const stored = flags.filter((flag) => flag === true).length;
  if (!Array.isArray(versions) || flags.some((flag) => typeof flag !== "boolean")) return;
  if (stored !== 1) {
    found.problem(["spec", "versions"], `exactly one version must have storage, not ${stored}`);
  }
}

function checkVersion(version: Fields, found: Findings, around: Surroundings): void {
  const schema = recordOf(version["schema"])["openAPIV3Schema"];
  if (!isRecord(schema)) {
    found.problem(["schema", "openAPIV3Schema"], 'required field "openAPIV3Schema" is missing');
    return;
  }
  const path = ["schema", "openAPIV3Schema"];
  checkSchema({ found, around }, schema, path, "root");
  for (const [index, { jsonPath }] of recordsOf(version["selectableFields"])) {
    const field = typeof jsonPath === "string" ? fieldAt(schema, jsonPath) : undefined;
    if (typeof jsonPath !== "string" || jsonPath === "") continue;
    if (!["string", "boolean", "integer"].includes(textOf(field?.["type"]))) {
      const expected = "the path of a field that is a string, an integer or a boolean";
      found.expected(["selectableFields", index, "jsonPath"], expected, jsonPath);
    }
  }
}

function fieldAt(schema: Fields, path: string): Fields | undefined {
  let field: Fields | undefined = schema;
  for (const key of keysOfPath(path)) field &&= propertyOf(field, key);
  return field;
}

const types = oneOf("array", "boolean", "integer", "number", "object", "string");

interface Reader {
  readonly found: Findings;
  readonly around: Surroundings;
}

type Level = "root" | "field" | "item";

function checkSchema(reader: Reader, schema: Fields, path: Path, level: Level): void {
  checkType(reader, schema, path, level);
  checkList(reader, schema, path);
  checkConditions(reader, schema, path);
  const { items, additionalProperties } = schema;
  for (const [key, property] of Object.entries(propertiesOf(schema))) {
    if (isRecord(property)) checkSchema(reader, property, [...path, "properties", key], "field");
  }
  if (isRecord(items)) checkSchema(reader, items, [...path, "items"], "item");
  if (isRecord(additionalProperties)) {
    checkSchema(reader, additionalProperties, [...path, "additionalProperties"], "field");
  }
}

function checkType({ found }: Reader, schema: Fields, path: Path, level: Level): void {
  const { type, properties, additionalProperties } = schema;
  const isOpen =
    schema["x-kubernetes-int-or-string"] === true ||
    schema["x-kubernetes-preserve-unknown-fields"] === true;
  const at = [...path, "type"];
  if (isEmpty(type)) {
    if (!isOpen || level === "root") found.problem(at, 'required field "type" is missing');
  } else if (typeof type === "string" && !types.fits(type)) {
    found.expected(at, types.expected, type);
  } else if (level === "root" && type !== "object") {
    found.expected(at, '"object" at the root', type);
  } else if (type === "array" && !isRecord(schema["items"])) {
    found.problem([...path, "items"], 'required field "items" is missing');
  }
  if (Object.keys(recordOf(properties)).length > 0 && isSet(additionalProperties)) {
    found.problem([...path, "additionalProperties"], "it must be left out beside properties");
  }
  if (schema["uniqueItems"] === true) {
    found.problem([...path, "uniqueItems"], "it cannot be true: use x-kubernetes-list-type: set");
  }
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    found.problem([...path, "x-kubernetes-preserve-unknown-fields"], "it must be true or left out");
  }
}

const listTypes = oneOf("atomic", "map", "set");
const mapTypes = oneOf("atomic", "granular");

function checkList({ found }: Reader, schema: Fields, path: Path): void {
  const listType = schema["x-kubernetes-list-type"];
  const mapType = schema["x-kubernetes-map-type"];
  const keys = schema["x-kubernetes-list-map-keys"];
  if (typeof listType === "string" && !listTypes.fits(listType)) {
    found.expected([...path, "x-kubernetes-list-type"], listTypes.expected, listType);
  }
  if (typeof mapType === "string" && !mapTypes.fits(mapType)) {
    found.expected([...path, "x-kubernetes-map-type"], mapTypes.expected, mapType);
  }
  if (isSet(listType) && schema["type"] !== "array") {
    found.expected(
      [...path, "type"],
      '"array" beside x-kubernetes-list-type',
      schema["type"] ?? "",
    );
  }
  if (isSet(mapType) && schema["type"] !== "object") {
    found.expected(
      [...path, "type"],
      '"object" beside x-kubernetes-map-type',
      schema["type"] ?? "",
    );
  }
  if (!isEmpty(keys) && listType !== "map") {
    found.problem(
      [...path, "x-kubernetes-list-type"],
      "it must be map beside x-kubernetes-list-map-keys",
    );
  }
  if (listType === "map") checkKeys(found, schema, path);
}

function checkKeys(found: Findings, schema: Fields, path: Path): void {
  const items = recordOf(schema["items"]);
  const keys = listOf(schema["x-kubernetes-list-map-keys"]);
  const at = [...path, "x-kubernetes-list-map-keys"];
  if (keys.length === 0) found.problem(at, "keys are required where x-kubernetes-list-type is map");
  if (isRecord(schema["items"]) && items["type"] !== "object") {
    found.expected([...path, "items", "type"], '"object" in a list with keys', items["type"] ?? "");
    return;
  }
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, textOf(key));
    if (keys.indexOf(key) < index)
      found.problem([...at, index], `duplicate of ${JSON.stringify(key)}`);
    if (property === undefined) {
      found.expected([...at, index], "the name of a field of the elements", key);
    } else if (property["default"] === undefined && !listOf(items["required"]).includes(key)) {
      const message = `a key must be required or have a default: ${JSON.stringify(key)}`;
      found.problem([...at, index], message);
    }
  }
}

function checkConditions({ found, around }: Reader, schema: Fields, path: Path): void {
  const { pattern, default: fallback } = schema;
  if (typeof pattern === "string" && isBroken(pattern)) {
    found.expected([...path, "pattern"], "a regular expression", pattern);
  }
  if (fallback !== undefined && fallback !== null) {
    checkDefault(found, fallback, schema, [...path, "default"]);
  }
  for (const [index, { rule, message }] of rulesOf(schema).entries()) {
    const at = [...path, "x-kubernetes-validations", index];
    if (rule.trim() === "") found.problem([...at, "rule"], '"rule" must not be empty');
    else if (rule.trim().includes("\n") && isEmpty(message)) {
      found.problem([...at, "message"], "a rule of several lines needs a message");
    }
    const problem = around.cel?.problemOf(rule, ["self", "oldSelf"]);
    if (problem !== undefined && rule.trim() !== "") found.problem([...at, "rule"], problem);
  }
}

function isBroken(pattern: string): boolean {
  if (regex(pattern) !== undefined) return false;
  try {
    new RegExp(pattern);
    return false;
  } catch {
    // What only Go knows is no mistake.
    return !/\(\?|\\[AzQECpP]|\[\[:/.test(pattern);
  }
}
