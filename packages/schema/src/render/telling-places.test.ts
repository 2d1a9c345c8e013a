import { expect, it } from "vitest";

import { tellingPlaces } from "./telling-places.ts";

const user = { file: "v.yaml", line: 2, column: 3, lineText: "  a: x" };
const usage = { file: "m/timoni.cue", line: 5, column: 9, lineText: "values: #Config" };
const type = { file: "m/timoni.cue", line: 3, column: 16, lineText: '\tname: "ü" | (int)' };
const overlay = { file: "m/timoni.schema.cue", line: 1, column: 1, lineText: "int" };

it("tellingPlaces() keeps what the user wrote and the part of the schema that the message names", () => {
  const positions = [overlay, usage, type, user];
  const options = { text: 'conflicting values "x" and int (mismatched types string and int)' };
  expect(tellingPlaces(positions, { ...options, userFiles: ["v.yaml"] })).toEqual([user, type]);
});

it("tellingPlaces() keeps one place where the message names none, and every one of the user", () => {
  const second = { ...user, line: 9 };
  const options = { text: "field not allowed", userFiles: ["v.yaml"] };
  expect(tellingPlaces([usage, type, user, second], options)).toEqual([user, second, usage]);
  expect(tellingPlaces([overlay], options)).toEqual([overlay]);
  expect(tellingPlaces([], options)).toEqual([]);
});

it("tellingPlaces() leaves out other places in the line that is shown", () => {
  const options = { text: "incomplete value int", userFiles: [] };
  expect(tellingPlaces([type, { ...type, column: 2 }], options)).toEqual([type]);
});
