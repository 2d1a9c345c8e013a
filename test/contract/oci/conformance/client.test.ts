import { createMemoryRegistry, createRegistryClient, serveRegistry } from "@tenon/oci";
import { describe, it } from "vitest";

import { type RegistryAnswer, startLyingProxy } from "../../../support/lying-proxy.ts";
import { clientRequirements } from "./client-requirements.ts";

describe("the client, with a registry that is watched", () => {
  for (const { section, level, text, check } of clientRequirements) {
    it(`${section} (${level}): ${text}`, async () => {
      let change: (answer: RegistryAnswer) => void = () => undefined;
      const answers: RegistryAnswer[] = [];
      await using server = await serveRegistry(createMemoryRegistry());
      await using proxy = await startLyingProxy(server.host, (answer) => {
        if (answer.path !== "/v2/") answers.push(answer);
        change(answer);
      });
      const client = createRegistryClient({ host: proxy.host });
      try {
        await check({
          client,
          host: proxy.host,
          answers,
          change: (next) => {
            change = next;
          },
        });
      } finally {
        await client.close();
      }
    });
  }
});
