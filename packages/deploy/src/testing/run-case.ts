import { type TenonError, isTenonError } from "@tenon/core";
import { type KubeClient, planInstance } from "@tenon/kube";
import {
  type DeclaredValues,
  type TestCase,
  atDeclaration,
  casePath,
  checkExpectations,
  valuesContent,
} from "@tenon/schema";

import { type PreparedInstance, prepareInstance } from "../apply/prepare-instance.ts";
import type { DeployContext } from "../context.ts";
import { DeployError } from "../errors.ts";
import { checkSnapshot } from "./snapshot.ts";
import type { TestModuleRequest } from "./test-module.ts";

/** Runs one case, and tells why it fails. */
export async function runCase(
  context: DeployContext,
  request: TestModuleRequest,
  { test, client }: { readonly test: TestCase; readonly client?: KubeClient | undefined },
): Promise<unknown> {
  const declared = declaredValues(test);
  let prepared: PreparedInstance;
  try {
    prepared = await prepareInstance(context, {
      module: request.module,
      ...test.instance,
      kubeVersion: test.kubeVersion,
      values: [declared.values],
    });
  } catch (error) {
    const found = await atDeclaration(error, declared);
    return test.error !== undefined && isTenonError(found) ? compareErrors(test, found) : found;
  }
  try {
    await check(context, request, { test, prepared });
    if (client !== undefined) await plan(context, client, prepared);
    return undefined;
  } catch (error) {
    return error;
  }
}

function declaredValues({ name, values, locate, position }: TestCase): DeclaredValues {
  const source = {
    name: `cases.${name}.json`,
    kind: "json",
    content: valuesContent(values),
  } as const;
  return { values: source, path: `${casePath(name)}.values`, locate, position };
}

async function check(
  { engine, env, signal }: DeployContext,
  { update }: TestModuleRequest,
  { test, prepared }: { readonly test: TestCase; readonly prepared: PreparedInstance },
): Promise<void> {
  const { error, position } = test;
  if (error !== undefined) {
    throw new DeployError(
      "DEPLOY_TEST_FAILED",
      `Case ${test.name} fails: the module renders, expected an error with ${JSON.stringify(error)}`,
      { diagnostics: [{ text: "there is no error", positions: position ? [position] : [] }] },
    );
  }
  const objects = prepared.rendered.sets.flatMap((set) => set.objects);
  await checkExpectations(engine, test, objects, { signal });
  if (test.snapshot)
    await checkSnapshot(engine, { test, objects, update, isCi: Boolean(env["CI"]) });
}

/** An error that is expected, or why it is not the one. */
function compareErrors(test: TestCase, error: TenonError): unknown {
  const wanted = test.error ?? "";
  const texts = [error.code, error.message, ...error.diagnostics.map(({ text }) => text)];
  if (texts.some((text) => text.includes(wanted))) return undefined;
  return new DeployError(
    "DEPLOY_TEST_FAILED",
    `Case ${test.name} fails: expected an error with ${JSON.stringify(wanted)}, but it is: ${error.message}`,
    { diagnostics: error.diagnostics, cause: error },
  );
}

/** As an apply would send it, whoever owns what is there. */
async function plan(
  { signal }: DeployContext,
  client: KubeClient,
  { desired }: PreparedInstance,
): Promise<void> {
  await planInstance(client, desired, { forceConflicts: true, overwriteOwnership: true, signal });
}
