import { placeOf } from "./place.ts";
import type { Finding, Report } from "./report.ts";

/**
 * A JUnit report: a test case for each thing that is right, and for each finding. Warnings do not fail
 * their case.
 *
 * @see https://github.com/testmoapp/junitxml
 */
export function junitText({ name, passed, findings, root }: Report): string {
  const suite = `tenon ${name}`;
  const failures = findings.filter(({ level }) => level === "error").length;
  const counts = `tests="${passed.length + findings.length}" failures="${failures}"`;
  const cases = [
    ...passed.map((what) => `    <testcase classname="${escape(suite)}" name="${escape(what)}"/>`),
    ...findings.map((finding) => findingCase(finding, suite, root)),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="${escape(suite)}" ${counts}>`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function findingCase(
  { level, code, where, text, diagnostic }: Finding,
  suite: string,
  root: string | undefined,
): string {
  const [position] = diagnostic?.positions ?? [];
  const place = position && placeOf(position, root);
  const at = place && `${place.file}:${place.line}:${place.column}`;
  const [summary = ""] = text.split("\n");
  const body = escape([at, text].filter(Boolean).join(": "));
  const inner =
    level === "error"
      ? `<failure type="${escape(code ?? "error")}" message="${escape(summary)}">${body}</failure>`
      : `<system-out>${body}</system-out>`;
  const name = escape(where ?? at ?? summary);
  return `    <testcase classname="${escape(suite)}" name="${name}">${inner}</testcase>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
};

/** Control characters have no place in XML, not even as entities. */
function escape(text: string): string {
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/[&<>"\n]/g, (character) => entities[character]!)
  );
}
