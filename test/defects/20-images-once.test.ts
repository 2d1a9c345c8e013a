// Timoni removes neighbouring duplicates from its list of images before it sorts it, so that others
// remain. In Tenon each image is listed once.
import { describe, expect, it } from "vitest";

import { repoPath } from "../support/repo.ts";
import { App, tools } from "./app.ts";

describe.skipIf(tools.missing)(`defect 20${tools.reason}`, () => {
  it("an image that several objects use is listed once", async () => {
    const app = new App(repoPath("test/defects/fixtures/images"));
    const repositories = ["example.com/b", "example.com/a", "example.com/b", "example.com/a"];
    const images = repositories.map((repository, index) => [`pod-${index}`, { repository }]);
    await app.applied({ images: Object.fromEntries(images) }, "--wait=false");
    const { stdout } = await app.run("status", "app", "-o", "json");
    const status = JSON.parse(stdout) as { images: string[] };
    expect(status.images).toEqual(["example.com/a:1", "example.com/b:1"]);
  });
});
