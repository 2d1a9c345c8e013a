import { describe, expect, it } from "vitest";

import { apiError } from "./api-error.ts";

function errorOf(httpStatus: number, status: object | string, impersonate?: string): unknown[] {
  const body = typeof status === "string" ? status : JSON.stringify({ kind: "Status", ...status });
  const error = apiError({ httpStatus, body, action: "apply X/y", impersonate });
  return [error.code, error.message, error.hint];
}

describe("apiError()", () => {
  it("lists field conflicts with manager and time", () => {
    const causes = [
      {
        reason: "FieldManagerConflict",
        message: 'conflict with "kubectl-edit" using v1 at 2026-01-02T03:04:05Z',
        field: ".data.k",
      },
      { reason: "FieldManagerConflict", message: 'conflict with "helm"', field: ".data.l" },
    ];
    expect(errorOf(409, { reason: "Conflict", details: { causes } })).toEqual([
      "KUBE_CONFLICT",
      "Cannot apply X/y: .data.k is owned by kubectl-edit since 2026-01-02T03:04:05Z; .data.l is owned by helm",
      "Leave the field out, or take it over with --force-conflicts",
    ]);
  });

  it("tells immutable fields from invalid ones, and takes a mixture for invalid", () => {
    const immutable = {
      field: "data",
      message: "Forbidden: field is immutable when `immutable` is set",
    };
    const invalid = { field: "spec.port", message: "Invalid value: 70000" };
    const codeOf = (...causes: object[]): unknown =>
      errorOf(422, { reason: "Invalid", details: { causes } })[0];
    expect(codeOf(immutable)).toBe("KUBE_IMMUTABLE");
    expect(codeOf(invalid)).toBe("KUBE_INVALID");
    expect(codeOf(immutable, invalid)).toBe("KUBE_INVALID");
    expect(errorOf(422, { message: "field is immutable" })[0]).toBe("KUBE_INVALID");
  });

  it.each([
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals' are forbidden",
    "spec.clusterIPs[0]: Invalid value: may not change once set",
    "roleRef: Invalid value: cannot change roleRef",
    "spec.template: Invalid value: {}: field is immutable",
    "parameters: Forbidden: updates to parameters are forbidden.",
    "value: Forbidden: may not be changed in an update.",
  ])("takes %s for immutable", (message) => {
    expect(errorOf(422, { details: { causes: [{ message }] } })[0]).toBe("KUBE_IMMUTABLE");
  });

  it("gives the command that checks a missing permission", () => {
    const message =
      'deployments.apps "x" is forbidden: User "u" cannot patch resource "deployments/scale" in API group "apps" in the namespace "shop"';
    expect(errorOf(403, { reason: "Forbidden", message }, "jane")).toEqual([
      "KUBE_FORBIDDEN",
      `Cannot apply X/y: ${message}`,
      "kubectl auth can-i patch deployments.apps --subresource=scale -n shop --as jane",
    ]);
  });

  it.each([
    [403, 'pods "x" is forbidden: exceeded quota: q', "KUBE_REJECTED"],
    [403, 'admission webhook "policy.x" denied the request: no', "KUBE_REJECTED"],
    [400, 'admission webhook "policy.x" denied the request: no', "KUBE_REJECTED"],
    [400, "the body is wrong", "KUBE_INVALID"],
    [401, "Unauthorized", "KUBE_UNAUTHORIZED"],
    [404, "the server could not find the requested resource", "KUBE_KIND_UNKNOWN"],
    [
      500,
      "failed to create typed patch object (x): .spec.y: field not declared in schema",
      "KUBE_INVALID",
    ],
    [500, "boom", "KUBE_SERVER_ERROR"],
    [504, "timed out", "KUBE_TIMEOUT"],
  ])("maps %i %s to %s", (httpStatus, message, code) => {
    expect(errorOf(httpStatus, { message })[0]).toBe(code);
  });

  it("tells what was not found", () => {
    const codeOf = (details: object): unknown => errorOf(404, { reason: "NotFound", details });
    expect(codeOf({ kind: "namespaces", name: "shop" })).toEqual([
      "KUBE_NAMESPACE_NOT_FOUND",
      "Cannot apply X/y: NotFound",
      "kubectl create namespace shop",
    ]);
    expect(errorOf(404, { details: { kind: "pods", name: "x" } })[0]).toBe("KUBE_NOT_FOUND");
  });

  it("shows an answer that is no Status", () => {
    expect(errorOf(502, "<html>\n  Bad\u001b[31m Gateway</html>").slice(0, 2)).toEqual([
      "KUBE_SERVER_ERROR",
      "Cannot apply X/y: <html> Bad[31m Gateway</html>",
    ]);
    expect(errorOf(500, "")[1]).toBe("Cannot apply X/y: the server answered 500");
  });
});
