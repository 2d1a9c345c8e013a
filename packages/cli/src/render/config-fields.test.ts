import type { ConfigField } from "@tenon/schema";
import { describe, expect, it } from "vitest";

import { configFieldsText } from "./config-fields.ts";

const fields: readonly ConfigField[] = [
  {
    path: "image.tag",
    key: "image: tag:",
    type: "string",
    default: '"1.0"',
    description: "Tag of the image that the pods run, which is that of the last release.",
    required: false,
    optional: false,
  },
  {
    path: "hosts",
    key: "hosts?:",
    type: '[...=~"^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$"]',
    description: "",
    required: false,
    optional: true,
  },
];

describe("configFieldsText()", () => {
  it("cuts types and breaks descriptions to a terminal's width", () => {
    expect(configFieldsText(fields, { isTTY: true, columns: 100 })).toMatchInlineSnapshot(`
      "KEY          TYPE                                      DEFAULT  DESCRIPTION
      image: tag:  string                                    "1.0"    Tag of the image that the pods run,
                                                                      which is that of the last release.
      hosts?:      [...=~"^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-…
      "
    `);
  });
  it("keeps all on one line for programs", () => {
    expect(configFieldsText(fields, { isTTY: false, columns: 80 })).toMatchInlineSnapshot(`
      "KEY          TYPE                                               DEFAULT  DESCRIPTION
      image: tag:  string                                             "1.0"    Tag of the image that the pods run, which is that of the last release.
      hosts?:      [...=~"^(\\\\*\\\\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$"]
      "
    `);
  });
});
