import { describe, expect, it } from "vitest";

import { createMemoryRegistry } from "../memory/memory.ts";
import { attachFiles } from "./attach-file.ts";

describe("attachFiles()", () => {
  it("pushes what is not attached yet, and nothing else", async () => {
    const registry = createMemoryRegistry();
    const bytes = Buffer.from('{"schemaVersion":2,"layers":[]}');
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const subject = await registry.pushManifest("app", { mediaType, bytes });
    const pushed: string[] = [];
    const watched = {
      ...registry,
      pushManifest: (...args: Parameters<typeof registry.pushManifest>) => {
        pushed.push(args[1].bytes.toString());
        return registry.pushManifest(...args);
      },
    };
    const fileOf = (text: string) => ({
      artifactType: "application/vnd.example.note",
      mediaType: "text/plain",
      content: Buffer.from(text),
    });
    const attach = (...texts: string[]) => attachFiles(watched, "app", subject, texts.map(fileOf));

    const first = await attach("a", "b");
    expect(pushed).toHaveLength(2);
    const again = await attach("b", "c", "a");
    expect(pushed).toHaveLength(3);
    expect(again).toEqual([first[1], expect.any(String), first[0]]);

    const listed: string[] = [];
    for await (const { digest } of registry.listReferrers("app", subject.digest))
      listed.push(digest);
    expect(listed.toSorted()).toEqual(again.toSorted());
  });
});
