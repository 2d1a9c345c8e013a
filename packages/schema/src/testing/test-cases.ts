import { type KubeObject, type Position, formatRef, objectMembers, refOf } from "@tenon/core";
import type { Engine } from "@tenon/cue-wasm";

import type { CueFile } from "../bundle/bundle.ts";
import { type EvaluatedFiles, evaluateFiles } from "../bundle/evaluate-files.ts";
import { SchemaError } from "../errors.ts";
import { appendSelector } from "../render/cue-path.ts";
import { isCalled } from "../render/is-called.ts";
import { andMore } from "../summary-of.ts";

/** A case of a module's tests. */
export interface TestCase {
  readonly name: string;
  readonly file: CueFile;
  /** Name and namespace of the instance that is rendered. */
  readonly instance: { readonly name: string; readonly namespace: string };
  readonly kubeVersion?: string | undefined;
  /** JSON text of the values. */
  readonly values: string;
  /** Where the case stands in its file. */
  readonly position?: Position | undefined;
  /** The objects that have to be there, or not to be there. */
  readonly expect: readonly ExpectedObject[];
  /** The build has to fail with an error that contains this. */
  readonly error?: string | undefined;
  /** What is rendered has to be what it was. */
  readonly snapshot: boolean;
  readonly locate: EvaluatedFiles["locate"];
}

/** An object that a case says something about. */
export interface ExpectedObject {
  /** As it is written: `Deployment/web`, or `Deployment/apps/web`. */
  readonly ref: string;
  readonly absent: boolean;
}

const testSchema = `
cases!: [string]: #Case

#Case: {
	instance: {
		name:      *"app" | string
		namespace: *"default" | string
	}
	kubeVersion?: =~"^[0-9]+[.][0-9]+[.][0-9]+"
	values?: {...}
	expect?: [=~"^[A-Za-z]+/([^/]+/)?[^/]+$"]: _
	error?:    !=""
	snapshot?: bool
}
`;

/**
 * Reads the cases of a test file, in CUE, YAML or JSON.
 *
 * @throws SchemaError `SCHEMA_TEST_INVALID`
 */
export async function readTestCases(
  engine: Engine,
  file: CueFile,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<TestCase[]> {
  const evaluated = await evaluateFiles(engine, requestOf(file, testSchema), options);
  const cases = objectMembers(evaluated.json, []) ?? [];
  const places = await evaluated.locate(cases.map(([name]) => casePath(name)));
  return cases.map(([name, json], index) => {
    const position = places[index];
    const read = toCase(json);
    const { error, expect } = read;
    if (error !== undefined && (expect.length > 0 || read.snapshot)) {
      throw invalid(file, position, `case ${name} expects both an error and objects`);
    }
    return { ...read, name, file, position, locate: evaluated.locate };
  });
}

type Read = Omit<TestCase, "name" | "file" | "position" | "locate">;

function toCase(json: string): Read {
  const members = new Map(objectMembers(json, []));
  const read = JSON.parse(json) as Pick<TestCase, "instance" | "kubeVersion" | "error"> & {
    readonly snapshot?: boolean;
    readonly expect?: Readonly<Record<string, unknown>>;
  };
  const { instance, kubeVersion, error, snapshot = false, expect = {} } = read;
  const objects = Object.entries(expect).map(([ref, wanted]) => ({
    ref,
    absent: wanted === "absent",
  }));
  const values = members.get("values") ?? "{}";
  return { instance, kubeVersion, error, snapshot, values, expect: objects };
}

/**
 * Compares what was rendered with what a case expects. What a case names has to be there, as it
 * says; what it does not name may be anything.
 *
 * @throws SchemaError `SCHEMA_TEST_FAILED` with the places in the test file
 */
export async function checkExpectations(
  engine: Engine,
  test: TestCase,
  objects: readonly KubeObject[],
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const found = test.expect.map((wanted) => ({
    wanted,
    matching: objects.filter(isCalled(wanted.ref)),
  }));
  for (const { wanted, matching } of found) {
    const problem = problemOf(wanted, matching, objects);
    if (problem === undefined) continue;
    const [position] = await test.locate([expectPath(test.name, wanted.ref)]);
    throw failed(test, position ?? test.position, problem);
  }
  const there = found.filter(({ wanted }) => !wanted.absent);
  if (there.length === 0) return;
  // As a definition it is closed: a field that the case names and that is not there is an error.
  const texts = there.map(({ wanted, matching }, index) => {
    const at = [test.name, "expect", wanted.ref].map((key) => `${JSON.stringify(key)}: `).join("");
    return `#rendered${index}: ${matching[0]!.json}\ncases: ${at}#rendered${index}\n`;
  });
  try {
    await evaluateFiles(engine, requestOf(test.file, texts.join("")), options);
  } catch (error) {
    throw error instanceof SchemaError ? differing(test, error) : error;
  }
}

function differing(test: TestCase, { diagnostics, cause }: SchemaError): SchemaError {
  const [first] = diagnostics;
  const message = `Case ${test.name} fails: ${first?.text}${andMore(diagnostics)}`;
  return new SchemaError("SCHEMA_TEST_FAILED", message, { diagnostics, cause });
}

function problemOf(
  { ref, absent }: ExpectedObject,
  matching: readonly KubeObject[],
  objects: readonly KubeObject[],
): string | undefined {
  if (absent) return matching.length === 0 ? undefined : `${ref} is rendered`;
  if (matching.length === 1) return undefined;
  const all = objects.map((object) => formatRef(refOf(object))).join(", ");
  if (matching.length === 0) return `${ref} is not rendered, but ${all || "nothing"}`;
  return `${ref} is rendered in several namespaces: name one`;
}

function requestOf(file: CueFile, schema: string) {
  return {
    what: "cases",
    code: "SCHEMA_TEST_INVALID",
    files: [file],
    schema,
    loose: true,
  } as const;
}

/** CUE path of a case in its file. */
export function casePath(name: string): string {
  return appendSelector("cases", name);
}

function expectPath(name: string, ref: string): string {
  return appendSelector(`${casePath(name)}.expect`, ref);
}

function failed(test: TestCase, position: Position | undefined, text: string): SchemaError {
  return new SchemaError("SCHEMA_TEST_FAILED", `Case ${test.name} fails: ${text}`, {
    diagnostics: [{ text, positions: position === undefined ? [] : [position] }],
  });
}

function invalid(file: CueFile, position: Position | undefined, text: string): SchemaError {
  return new SchemaError("SCHEMA_TEST_INVALID", `Cannot read cases ${file.name}: ${text}`, {
    diagnostics: [{ text, positions: position === undefined ? [] : [position] }],
  });
}
