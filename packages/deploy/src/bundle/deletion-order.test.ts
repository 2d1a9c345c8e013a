import { describe, expect, it } from "vitest";

import { deletionOrder } from "./deletion-order.ts";

describe("deletionOrder()", () => {
  it("deletes what depends on an instance before it", () => {
    const order = deletionOrder([
      member("web", ["redis", "db"]),
      member("redis"),
      member("db", ["gone"]),
    ]);
    expect(Object.fromEntries(order)).toEqual({
      "shop/web": [],
      "shop/redis": ["shop/web"],
      "shop/db": ["shop/web"],
    });
  });

  it("ends although an instance that moved closes a circle", () => {
    const moved = { ...member("web"), namespace: "elsewhere" };
    const order = deletionOrder([
      member("db", ["web"]),
      moved,
      member("web", ["db"]),
      member("top", ["db"]),
    ]);
    expect(order.get("shop/db")).toEqual(["shop/top"]);
    expect(order.get("elsewhere/web")).toEqual([]);
    expect(order.get("shop/web")).toEqual([]);
  });
});

function member(name: string, dependsOn: readonly string[] = []) {
  return { name, namespace: "shop", dependsOn };
}
