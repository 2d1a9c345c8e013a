import { expect, it } from "vitest";

import type { ConfigField } from "./config-field.ts";
import { configTable } from "./config-table.ts";

const field: ConfigField = {
  path: "a",
  key: "a:",
  type: "string",
  description: "",
  required: false,
  optional: false,
};

it("configTable() escapes what ends cells or would be markup", () => {
  const fields: ConfigField[] = [
    field,
    { ...field, type: '*"x|y" | string', default: '"x|y"', description: "a | b" },
    { ...field, type: '"`" | "``"', description: "Runs `a | b` and <name>, `<id>` too." },
    { ...field, description: "Two\n  lines." },
  ];
  expect(configTable(fields)).toMatchInlineSnapshot(`
    "| KEY | TYPE | DEFAULT | DESCRIPTION |
    | --- | --- | --- | --- |
    | \`a:\` | \`string\` | | |
    | \`a:\` | \`*"x\\|y" \\| string\` | \`"x\\|y"\` | a \\| b |
    | \`a:\` | \`\`\` "\`" \\| "\`\`" \`\`\` | | Runs \`a \\| b\` and &lt;name>, \`<id>\` too. |
    | \`a:\` | \`string\` | | Two lines. |
    "
  `);
});
