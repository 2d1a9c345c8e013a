import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";

import { type Digest, sha256 } from "@tenon/core";
import {
  IMAGE_INDEX,
  type RegistryWarning,
  attachFile,
  attachFiles,
  bytesContent,
  copyArtifact,
  createLayerCache,
  pullModuleTo,
} from "@tenon/oci";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  type ChangedAnswer,
  type RegistryCall,
  startRegistryFaultProxy,
} from "../../../support/registry-fault-proxy.ts";
import { type Lab, labRegistries, namesIn } from "./lab.ts";

const isManifest = ({ path }: RegistryCall) => path.includes("/manifests/");
const isBlob = ({ path }: RegistryCall) => path.includes("/blobs/");
let count = 0;

for (const { name, open } of labRegistries()) {
  describe(`wrong answers of ${name}`, () => {
    let lab: Lab;
    beforeAll(async () => {
      lab = await open();
      await lab.prepare("source");
    });
    afterAll(() => lab?.[Symbol.asyncDispose]());

    /** Pulls with a fresh cache; what fails must leave neither output nor cache behind. */
    const pull = async (
      matches: (call: RegistryCall) => boolean,
      change: (answer: ChangedAnswer) => void,
      ref: { tag?: string; digest?: Digest } = { tag: "1.0.0" },
    ): Promise<string> => {
      const place = `wrong-${++count}`;
      lab.proxy.fault = (call) => (matches(call) ? { kind: "change", change } : undefined);
      const cacheDir = lab.dir.file(place, "cache");
      const options = { cache: createLayerCache(cacheDir) };
      const from = { repository: "source", ...ref };
      try {
        await pullModuleTo(lab.connect(), from, lab.dir.file(place, "out"), options);
        return "pulled";
      } catch (error) {
        expect(await namesIn(lab.dir.file(place))).not.toContain("out");
        // A layer that came whole before another one failed may stay.
        const damaged = (await namesIn(cacheDir)).filter(
          (file) => !/^[0-9a-f]{64}\.tgz$/.test(file),
        );
        expect(damaged).toEqual([]);
        return (error as { code: string }).code;
      }
    };
    const resize = (body: (answer: ChangedAnswer) => Buffer) => (answer: ChangedAnswer) => {
      answer.body = body(answer);
      answer.headers["content-length"] = answer.body.length;
    };

    it.each([
      ["cut short", (body: Buffer) => body.subarray(0, body.length - 9), "OCI_SIZE_MISMATCH"],
      ["longer", (body: Buffer) => Buffer.concat([body, Buffer.from("x")]), "OCI_SIZE_MISMATCH"],
      ["other bytes", (body: Buffer) => randomBytes(body.length), "OCI_DIGEST_MISMATCH"],
      ["nothing", () => Buffer.alloc(0), "OCI_SIZE_MISMATCH"],
      ["compressed once more", (body: Buffer) => gzipSync(body), "OCI_SIZE_MISMATCH"],
    ])("refuses a blob that is %s", async (_, change, code) => {
      expect(
        await pull(
          isBlob,
          resize(({ body }) => change(body)),
        ),
      ).toBe(code);
    });

    it("takes a blob for what it is, whatever encoding the answer names", async () => {
      const named = await pull(
        isBlob,
        ({ headers }) => void (headers["content-encoding"] = "gzip"),
      );
      expect(named).toBe("pulled");
    });

    it("refuses a blob that is sent without an end", async () => {
      const endless = (answer: ChangedAnswer): void => {
        delete answer.headers["content-length"];
        answer.headers["transfer-encoding"] = "chunked";
        answer.body = Buffer.concat([answer.body, Buffer.alloc(5_000_000)]);
      };
      expect(await pull(isBlob, endless)).toBe("OCI_PROTOCOL_VIOLATED");
    });

    it.each([
      ["cut short", (body: Buffer) => body.subarray(0, body.length - 9), "OCI_MANIFEST_INVALID"],
      ["no JSON", () => Buffer.from("<html>"), "OCI_MANIFEST_INVALID"],
      ["larger than any", () => Buffer.alloc(5_000_000, 32), "OCI_TOO_LARGE"],
      ["that of an image", () => Buffer.from("{}"), "OCI_UNSUPPORTED_MEDIA_TYPE"],
    ])("refuses a manifest that is %s", async (_, change, code) => {
      expect(
        await pull(
          isManifest,
          resize(({ body }) => change(body)),
        ),
      ).toBe(code);
    });

    it("refuses a manifest that is compressed", async () => {
      const code = await pull(isManifest, (answer) => {
        resize(({ body }) => gzipSync(body))(answer);
        answer.headers["content-encoding"] = "gzip";
      });
      expect(code).toBe("OCI_PROTOCOL_VIOLATED");
    });

    it("refuses another manifest than that of the digest", async () => {
      const other = resize(({ body }) => Buffer.concat([body, Buffer.from("\n")]));
      const { digest } = lab.artifact;
      expect(await pull(isManifest, other, { digest })).toBe("OCI_DIGEST_MISMATCH");
      expect(await pull(isManifest, other, { tag: "1.0.0", digest })).toBe("OCI_DIGEST_MISMATCH");
    });

    it("believes content and not the digest that an answer names", async () => {
      const lie = (answer: ChangedAnswer): void => {
        answer.headers["docker-content-digest"] = sha256("a lie");
      };
      expect(await pull(isManifest, lie)).toBe("pulled");
      const { digest } = lab.artifact;
      expect(await pull(isManifest, lie, { digest })).toBe("pulled");
      const client = lab.connect();
      const copy = copyArtifact(
        { registry: client, repository: "source" },
        { registry: client, repository: `lied-${count}` },
        { tag: "1.0.0" },
      );
      expect((await copy).digest).toBe(digest);
    });

    it("names the blob that a manifest refers to and nobody has", async () => {
      const gone = isBlob;
      lab.proxy.fault = (call) =>
        gone(call) && call.method === "GET" ? { kind: "answer", status: 404 } : undefined;
      const pulling = pullModuleTo(
        lab.connect(),
        { repository: "source", tag: "1.0.0" },
        lab.dir.file("gone"),
      );
      const { digest } = lab.artifact.layers[0]!;
      await expect(pulling).rejects.toMatchObject({
        code: "OCI_BLOB_UNKNOWN",
        message: expect.stringContaining(digest),
      });
      expect(await namesIn(lab.dir.path)).not.toContain("gone");
    });

    it("ends lists that do not end", async () => {
      const list = async (link: (page: number) => string, tagged = true): Promise<unknown> => {
        let page = 0;
        const before = lab.proxy.calls.length;
        lab.proxy.fault = ({ path }) => {
          if (!path.includes("/tags/list")) return undefined;
          const tags = tagged ? [`t${++page}`] : [`t${page++ % 2}`];
          const headers = { link: `</v2/source/tags/list?last=${link(page)}>; rel="next"` };
          return { kind: "answer", status: 200, headers, body: JSON.stringify({ tags }) };
        };
        const found: string[] = [];
        try {
          for await (const tag of lab.connect().listTags("source")) found.push(tag);
        } catch (error) {
          const { code, message } = error as { code: string; message: string };
          return [code, message.replace(/.*: /, ""), lab.proxy.calls.length - before];
        }
        return found;
      };
      const code = "OCI_PROTOCOL_VIOLATED";
      expect(await list((page) => `t${page % 3}`)).toEqual([code, "it goes in a circle", 4]);
      const idle = "20 pages brought nothing new";
      expect(await list((page) => `t${page}`, false)).toEqual([code, idle, 22]);
    });

    it("copies indexes and referrers that go in a circle once, and ends", async () => {
      lab.proxy.fault = () => undefined;
      const { direct } = lab;
      const subject = await direct.resolveManifest("source", "1.0.0");
      const note = {
        artifactType: "text/note",
        mediaType: "text/plain",
        content: Buffer.from("n"),
      };
      const first = await attachFile(direct, "source", subject, note);
      const second = await attachFile(direct, "source", first, note);
      const index = {
        schemaVersion: 2,
        mediaType: IMAGE_INDEX,
        manifests: [subject, first, second],
      };
      const bytes = Buffer.from(JSON.stringify(index));
      const pushed = { mediaType: IMAGE_INDEX, bytes };
      const { digest } = await direct.pushManifest("source", pushed, { tags: ["all"] });
      // Digests cannot make a circle; a registry that lies about referrers can.
      const circle = JSON.stringify({ ...index, manifests: [first, second, subject] });
      lab.proxy.fault = ({ path }) =>
        path.includes("/referrers/") ? { kind: "answer", status: 200, body: circle } : undefined;
      const client = lab.connect();
      const copied = await copyArtifact(
        { registry: client, repository: "source" },
        { registry: client, repository: "circle" },
        { tag: "all" },
        { tags: ["all"] },
      );
      expect([copied.digest, copied.missing]).toEqual([digest, []]);
    });

    it("ends where manifests list each other without end", async () => {
      lab.proxy.fault = ({ method, path }) => {
        if (method !== "GET" || !isManifest({ path } as RegistryCall)) return undefined;
        const deeper = { mediaType: IMAGE_INDEX, digest: sha256(`${path}.`), size: 1 };
        return { kind: "answer", status: 200, body: JSON.stringify({ manifests: [deeper] }) };
      };
      const client = lab.connect();
      const copying = copyArtifact(
        { registry: client, repository: "source" },
        { registry: client, repository: "deep" },
        { tag: "deep" },
      );
      await expect(copying).rejects.toMatchObject({ code: "OCI_DIGEST_MISMATCH" });
    });

    it("follows redirects to other hosts without credentials", async () => {
      await using elsewhere = await startRegistryFaultProxy(lab.direct.host);
      lab.proxy.fault = (call) => {
        if (call.headers.authorization === undefined) {
          return {
            kind: "answer",
            status: 401,
            headers: { "www-authenticate": 'Basic realm="r"' },
          };
        }
        const location = `http://user:pw@${elsewhere.host}${call.path}`;
        return isBlob(call) ? { kind: "answer", status: 307, headers: { location } } : undefined;
      };
      const credential = { kind: "basic", username: "user", password: "s3cret" } as const;
      const client = lab.connect({ credentials: () => Promise.resolve(credential) });
      const out = lab.dir.file("redirected");
      await pullModuleTo(client, { repository: "source", tag: "1.0.0" }, out);
      expect(elsewhere.calls.length).toBeGreaterThan(0);
      const sent = elsewhere.calls.map(({ headers }) => headers.authorization);
      expect(new Set(sent)).toEqual(new Set([undefined]));
    });

    it("tells each warning once, in one printable line", async () => {
      const warnings: RegistryWarning[] = [];
      const warning = [
        '299 - "Your \\"token\\" \u0085expires\u009b31m soon"',
        `299 - "${"x".repeat(2000)}"`,
        '199 - "not this one"',
      ];
      lab.proxy.fault = (call) =>
        isManifest(call)
          ? { kind: "change", change: ({ headers }) => void Object.assign(headers, { warning }) }
          : undefined;
      const cache = new Map();
      for (let times = 0; times < 2; times++) {
        const onWarning = (told: RegistryWarning) => warnings.push(told);
        const client = lab.connect({ cache, onWarning });
        for (let tries = 0; tries < 2; tries++) await client.readManifest("source", "1.0.0");
      }
      expect(warnings.map(({ host }) => host)).toEqual([lab.proxy.host, lab.proxy.host]);
      expect(warnings[0]!.text).toMatch(/^Your "token" [^\p{Cc}]*expires[^\p{Cc}]* soon$/u);
      expect(warnings[1]!.text).toBe(`${"x".repeat(300)}…`);
    });

    it("asks for a token once, however many requests and clients of a run need it", async () => {
      let tokens = 0;
      lab.proxy.fault = (call) => {
        if (call.path.startsWith("/token")) {
          return { kind: "answer", status: 200, body: `{"token":"t${++tokens}","expires_in":300}` };
        }
        if (call.headers.authorization !== undefined) return undefined;
        const challenge = `Bearer realm="http://${lab.proxy.host}/token",service="s"`;
        return { kind: "answer", status: 401, headers: { "www-authenticate": challenge } };
      };
      const cache = new Map();
      const clients = [lab.connect({ cache }), lab.connect({ cache })];
      const blob = bytesContent(Buffer.from("token"));
      await clients[0]!.pushBlob("tokens", blob, blob.open);
      const reads = clients.flatMap((client) =>
        Array.from({ length: 8 }, () => client.statBlob("tokens", blob.digest)),
      );
      expect(new Set(await Promise.all(reads))).toEqual(new Set([blob.size]));
      expect(tokens).toBe(1);
    });

    it("keeps the list of referrers where the registry has none", async () => {
      lab.proxy.fault = ({ method, path }) => {
        if (path.includes("/referrers/")) return { kind: "answer", status: 404 };
        if (method !== "PUT") return undefined;
        return { kind: "change", change: ({ headers }) => void delete headers["oci-subject"] };
      };
      const artifactType = "text/listed";
      const subject = await lab.direct.resolveManifest("source", "1.0.0");
      const attach = async (text: string): Promise<Digest> => {
        const content = Buffer.from(text);
        const file = { artifactType, mediaType: "text/plain", content };
        return (await attachFiles(lab.connect(), "source", subject, [file]))[0]!;
      };
      const digests = [await attach("a"), await attach("b")];
      const before = lab.proxy.calls.length;
      expect(await attach("b")).toBe(digests[1]);
      const calls = lab.proxy.calls.slice(before).map(({ method }) => method);
      expect(calls).toEqual(["GET", "GET"]);
      const listed: Digest[] = [];
      const found = lab.connect().listReferrers("source", subject.digest, { artifactType });
      for await (const { digest } of found) listed.push(digest);
      expect(listed.toSorted()).toEqual(digests.toSorted());
    });
  });
}
