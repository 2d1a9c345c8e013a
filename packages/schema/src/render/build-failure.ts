import path from "node:path";

import { suggest, type Diagnostic, type Position } from "@tenon/core";
import { type CueDiagnostic, dependencyFolder } from "@tenon/cue-wasm";

import { SchemaError } from "../errors.ts";
import { requiredFiles } from "../module/read-module.ts";
import { summaryOf } from "../summary-of.ts";
import { distinct } from "./distinct.ts";
import { hideTexts, isSecretPath, safePositions } from "./hide-secrets.ts";
import { tellingPlaces } from "./telling-places.ts";

const missingField = "no top-level field";

type Stage = "merge" | "load" | "build" | "output";

/** Turns the engine's diagnostics into an error that names files as the user knows them. */
export function buildFailure(options: {
  readonly stage: Stage;
  readonly diagnostics: readonly CueDiagnostic[];
  readonly root: string;
  readonly label: string;
  readonly userFiles: readonly string[];
}): SchemaError {
  const { stage, root, userFiles } = options;
  const diagnostics = distinct(
    telling(options.diagnostics).map((entry) => toDiagnostic(entry, root, userFiles)),
  );
  if (stage === "merge") {
    return new SchemaError(
      "SCHEMA_VALUES_INVALID",
      `Cannot merge the values of ${options.label}: ${summaryOf(diagnostics)}`,
      {
        diagnostics,
        hint: diagnostics.some(({ text }) => text.includes(missingField))
          ? 'A values file holds one top-level field: "values"'
          : undefined,
      },
    );
  }
  return new SchemaError(
    "SCHEMA_BUILD_FAILED",
    `Cannot build ${options.label}: ${summaryOf(diagnostics)}`,
    {
      diagnostics,
      hint: hintFor(diagnostics),
    },
  );
}

/**
 * Rewrites a position inside a module to a path that the user can open; those in a module that it
 * requires begin with `PATH@VERSION/`.
 */
export function inModule(
  position: Position,
  root: string,
  userFiles: readonly string[] = [],
): Position {
  if (userFiles.includes(position.file) || root === "") return position;
  if (position.file.startsWith(dependencyFolder)) {
    return { ...position, file: position.file.slice(dependencyFolder.length) };
  }
  const file = root.includes("://") ? `${root}/${position.file}` : path.join(root, position.file);
  return { ...position, file };
}

/** When a file does not load, CUE misses its tags too: that is no news beside the cause. */
function telling(diagnostics: readonly CueDiagnostic[]): readonly CueDiagnostic[] {
  const causes = diagnostics.filter(({ text }) => !text.startsWith("no tag for "));
  return causes.length > 0 ? causes : diagnostics;
}

function toDiagnostic(
  entry: CueDiagnostic,
  root: string,
  userFiles: readonly string[],
): Diagnostic {
  const places = entry.positions.map((position) => inModule(position, root, userFiles));
  const positions = tellingPlaces(places, { text: entry.text, userFiles });
  const isSecret = isSecretPath(entry.path);
  return {
    text: isSecret ? hideTexts(plainText(entry.text)) : plainText(entry.text),
    path: entry.path,
    positions: safePositions(entry, positions),
    notes: notesOf(entry),
  };
}

function notesOf({ text, path, given, alternatives }: CueDiagnostic): string[] {
  const wanted = given ?? path?.split(".").at(-1);
  if (wanted === undefined || alternatives.length === 0) return [];
  const close = suggest(wanted, alternatives);
  if (text.includes(missingField)) {
    const there = alternatives.map((name) => JSON.stringify(name)).join(", ");
    return [close === undefined ? `it has ${there}` : `rename "${close}" to "${wanted}"`];
  }
  if (close !== undefined) return [`did you mean ${JSON.stringify(close)}?`];
  if (given !== undefined) return [];
  return [`known here: ${alternatives.toSorted().slice(0, 20).join(", ")}`];
}

/** CUE's messages name registries and internals that are of no use here. */
function plainText(text: string): string {
  if (/^no tag for "(name|namespace)"/.test(text)) {
    return `${text}: no file of package main has @tag(name) and @tag(namespace), or one does not parse`;
  }
  return text.replace(/^(invalid interpolation: )+/, "");
}

function hintFor(diagnostics: readonly Diagnostic[]): string | undefined {
  const text = diagnostics.map((entry) => entry.text).join("\n");
  const missing =
    /cannot find package "([^"@]+)|package "?([^\s"@]+)"? .*not found|no dependency found/.exec(
      text,
    );
  if (/tenon\.dev\/core/.test(text)) return "Vendor the authoring library: tenon mod vendor core";
  if (/k8s\.io\//.test(text) && missing)
    return "Vendor the Kubernetes schemas: tenon mod vendor k8s";
  if (missing)
    return "Put the package under cue.mod/pkg or cue.mod/gen, or require its module: `cue mod tidy`";
  if (/language version/.test(text)) {
    return "Set language.version in cue.mod/module.cue to v0.17.1 or older";
  }
  if (/required but not present/.test(text)) return "Give the value in a file: -f values.yaml";
  if (/incomplete value/.test(text)) return "Give the value in a file, or a default in values.cue";
  if (/no tag for/.test(text))
    return `Check the package clause of ${requiredFiles.slice(1).join(" and ")}`;
  return undefined;
}
