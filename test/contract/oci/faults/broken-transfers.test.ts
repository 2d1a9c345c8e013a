import { readFile } from "node:fs/promises";

import { digestHex, sha256 } from "@tenon/core";
import { copyArtifact, createLayerCache, pullModuleTo, pushArtifact } from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { RegistryCall, RegistryFault } from "../../../support/registry-fault-proxy.ts";
import { type Lab, contentBytes, labRegistries, namesIn } from "./lab.ts";

const tenths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
let count = 0;

/** A fault that strikes the first calls that match, and no others. */
function striking(
  matches: (call: RegistryCall) => boolean,
  fault: RegistryFault,
  times = 1,
): (call: RegistryCall) => RegistryFault | undefined {
  let left = times;
  return (call) => (matches(call) && left-- > 0 ? fault : undefined);
}

const isContent = ({ method, headers }: RegistryCall) =>
  method === "PATCH" && Number(headers["content-length"]) > 1_048_576;
const isBlob = ({ method, path }: RegistryCall) => method === "GET" && path.includes("/blobs/");

for (const { name, open } of labRegistries()) {
  describe(`a transfer with ${name}`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await open();
      await lab.prepare("source");
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    const pushed = async (fault: Lab["proxy"]["fault"]): Promise<{ sent: number }> => {
      const repository = `pushed-${++count}`;
      const before = lab.proxy.calls.length;
      lab.proxy.fault = fault;
      await pushArtifact(lab.connect(), repository, lab.artifact, ["1.0.0"]);
      expect(await lab.held(repository, "1.0.0")).toBe(lab.artifact.digest);
      const calls = lab.proxy.calls.slice(before);
      return { sent: calls.reduce((sum, call) => sum + call.sent, 0) };
    };

    it.each(tenths)(
      "pushes what it should when the connection dies at %i0% of it",
      async (tenth) => {
        const fault: RegistryFault = { kind: "cut-request", at: tenth / 10 };
        const { sent } = await pushed(striking(isContent, fault));
        // Debian's registry forgets an upload that broke off.
        expect(sent / contentBytes).toBeLessThan(name === "docker-registry" ? 2.1 : 1.1);
      },
    );

    const dying = () => striking(isContent, { kind: "cut-request", at: 0.1 }, 9);
    if (name === "docker-registry") {
      it("pushes no tag when it dies time and again, and nothing of it is kept", async () => {
        await expect(pushed(dying())).rejects.toMatchObject({ code: "OCI_UNREACHABLE" });
        expect(await lab.held(`pushed-${count}`, "1.0.0")).toBeUndefined();
      });
    } else {
      it("pushes when it dies time and again", async () => {
        const { sent } = await pushed(dying());
        // From the start each time it would be twice the content.
        expect(sent / contentBytes).toBeLessThan(1.5);
      });
    }

    it.each(["POST", "PATCH", "PUT"])("pushes when the answer to %s is lost", async (method) => {
      await pushed(striking((call) => call.method === method, { kind: "cut-answer", at: 0 }));
    });

    it("pushes when a request is not taken, and when an answer never comes", async () => {
      await pushed(striking(isContent, { kind: "stall-request", at: 0.5 }));
      await pushed(striking(({ method }) => method === "PUT", { kind: "stall-answer", at: 0 }));
    });

    it.each([
      ["POST", 429, { "retry-after": "1" }],
      ["PATCH", 503, { "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }],
      ["PUT", 502, {}],
      ["HEAD", 500, {}],
    ])("pushes through a burst of answers to %s with %i", async (method, status, headers) => {
      const fault: RegistryFault = { kind: "answer", status, headers };
      await pushed(striking((call) => call.method === method, fault, 3));
    });

    it("tells what the registry said when a burst does not end, and pushes no tag", async () => {
      for (const [status, code] of [
        [429, "OCI_RATE_LIMITED"],
        [503, "OCI_SERVER_FAILED"],
      ] as const) {
        const repository = `burst-${status}`;
        lab.proxy.fault = ({ method }) =>
          method === "PATCH" ? { kind: "answer", status } : undefined;
        const pushing = pushArtifact(lab.connect(), repository, lab.artifact, ["1.0.0"]);
        await expect(pushing).rejects.toMatchObject({ code });
        expect(await lab.held(repository, "1.0.0")).toBeUndefined();
      }
    });

    const pulled = async (fault: Lab["proxy"]["fault"]): Promise<void> => {
      const place = `pulled-${++count}`;
      const cache = createLayerCache(lab.dir.file(place, "cache"));
      lab.proxy.fault = fault;
      const out = lab.dir.file(place, "out");
      const ref = { repository: "source", tag: "1.0.0" };
      const { digest, layers } = await pullModuleTo(lab.connect(), ref, out, { cache });
      expect(digest).toBe(lab.artifact.digest);
      expect(
        (await readFile(`${out}/big`)).equals(await readFile(lab.dir.file("module/big"))),
      ).toBe(true);
      const names = layers.map((layer) => `${digestHex(layer.digest)}.tgz`).toSorted();
      expect(await namesIn(lab.dir.file(place, "cache"))).toEqual(names);
      expect(await namesIn(lab.dir.file(place))).toEqual(["cache", "out"]);
    };

    it.each(tenths)("pulls when the connection dies at %i0% of each layer", async (tenth) => {
      await pulled(striking(isBlob, { kind: "cut-answer", at: tenth / 10 }, 2));
    });

    it("pulls when an answer stops, and when one trickles in", async () => {
      await pulled(striking(isBlob, { kind: "stall-answer", at: 0.5 }));
      await pulled(striking(isBlob, { kind: "trickle" }, 2));
      await pulled(striking(({ method }) => method === "GET", { kind: "trickle" }));
      await pulled(striking(({ method }) => method === "GET", { kind: "cut-answer", at: 0.5 }));
    });

    it("copies when connections die on both sides", async () => {
      const client = lab.connect();
      const cuts = [
        striking(isContent, { kind: "cut-request", at: 0.7 }),
        striking(isBlob, { kind: "cut-answer", at: 0.4 }, 2),
      ];
      lab.proxy.fault = (call) => cuts[0]!(call) ?? cuts[1]!(call);
      const place = (repository: string) => ({ registry: client, repository });
      const copied = await copyArtifact(
        place("source"),
        place("copied"),
        { tag: "1.0.0" },
        { tags: ["1.0.0"] },
      );
      expect(copied.digest).toBe(lab.artifact.digest);
      expect(await lab.held("copied", "1.0.0")).toBe(lab.artifact.digest);
    });

    it("takes one of two artifacts that are pushed under one tag at the same time", async () => {
      lab.proxy.fault = () => undefined;
      const text = Buffer.from(lab.artifact.manifest).toString();
      const manifest = Buffer.from(text.replace("1.0.0", "1.0.1"));
      const other = { ...lab.artifact, manifest, digest: sha256(manifest) };
      const digests = await Promise.all(
        [lab.artifact, other].map((one) => pushArtifact(lab.connect(), "raced", one, ["1.0.0"])),
      );
      const winner = await lab.held("raced", "1.0.0");
      expect(digests.map(({ digest }) => digest)).toContain(winner);
      for (const { digest } of digests) {
        expect((await lab.direct.readManifest("raced", digest)).descriptor.digest).toBe(digest);
      }
    });

    it("sends one request for each tag when what is pushed is there", async () => {
      lab.proxy.fault = () => undefined;
      const tags = ["1.0.0", "latest"];
      await pushArtifact(lab.connect(), "again", lab.artifact, tags);
      const before = lab.proxy.calls.length;
      await pushArtifact(lab.connect(), "again", lab.artifact, tags);
      const calls = lab.proxy.calls.slice(before).map(({ method, path }) => `${method} ${path}`);
      expect(calls).toEqual(tags.map((tag) => `HEAD /v2/again/manifests/${tag}`));
    });
  });
}
