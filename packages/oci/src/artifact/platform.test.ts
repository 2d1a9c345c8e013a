import { sha256 } from "@tenon/core";
import { describe, expect, it } from "vitest";

import type { Descriptor } from "../registry.ts";
import { formatPlatform, parsePlatform, selectPlatforms } from "./platform.ts";

function manifest(platform: string | undefined, about?: Descriptor): Descriptor {
  return {
    mediaType: "m",
    digest: sha256(`${platform} ${about?.digest}`),
    size: 1,
    ...(platform !== undefined && { platform: parsePlatform(platform) }),
    ...(about && { annotations: { "vnd.docker.reference.digest": about.digest } }),
  };
}

describe("parsePlatform()", () => {
  it("reads what formatPlatform() writes", () => {
    for (const text of ["linux/amd64", "linux/arm/v7"]) {
      expect(formatPlatform(parsePlatform(text))).toBe(text);
    }
  });

  it("rejects what is no platform", () => {
    for (const text of ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"]) {
      expect(() => parsePlatform(text)).toThrow("it is not os/architecture");
    }
  });
});

describe("selectPlatforms()", () => {
  const amd64 = manifest("linux/amd64");
  const arm64 = manifest("linux/arm64/v8");
  const arm6 = manifest("linux/arm/v6");
  const arm7 = manifest("linux/arm/v7");
  const ofAmd64 = manifest("unknown/unknown", amd64);
  const ofArm64 = manifest("unknown/unknown", arm64);
  const forAll = manifest(undefined);
  const all = [amd64, arm64, arm6, arm7, ofAmd64, ofArm64, forAll];
  const select = (...wanted: string[]): readonly Descriptor[] =>
    selectPlatforms(all, wanted.map(parsePlatform), "app");

  it("takes platforms with their attestations and what is for all", () => {
    expect(select("linux/amd64")).toEqual([amd64, ofAmd64, forAll]);
    expect(select("linux/arm64", "linux/arm/v7")).toEqual([arm64, arm7, ofArm64, forAll]);
    expect(select("linux/arm64/v8")).toEqual([arm64, ofArm64, forAll]);
    expect(select("linux/arm")).toEqual([arm6, arm7, forAll]);
  });

  it("takes all of an index that is for no platform", () => {
    expect(selectPlatforms([forAll], [parsePlatform("linux/amd64")], "app")).toEqual([forAll]);
  });

  it("says which platforms there are when none is meant", () => {
    expect(() => select("windows/amd64")).toThrow(
      "Cannot copy app for windows/amd64: it is for linux/amd64, linux/arm64/v8, linux/arm/v6, linux/arm/v7",
    );
  });
});
