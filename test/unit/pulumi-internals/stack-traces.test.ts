// Contract with what Pulumi's SDK sets up before it runs a program: an update that breaks our bet fails here.
import { createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parse } from "yaml";
import {
  declareWithoutPlace,
  mapOnlyFramesOfTheProgram,
  traceNoPromises,
} from "../../../components/pulumi-internals/stack-traces.ts";

const before = Error.prepareStackTrace;
afterEach(() => {
  Error.prepareStackTrace = before;
});

type Map = NonNullable<typeof Error.prepareStackTrace>;
const theirs = vi.fn<Map>();
beforeEach(() => {
  const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
  sdk("source-map-support").install();
  theirs.mockReset().mockImplementation(Error.prepareStackTrace as Map);
  Error.prepareStackTrace = theirs;
});

/** Takes a stack trace that leads through a package. */
function traceThroughPackage(message: string): string {
  const error = new Error(message);
  parse("a: 1", () => Error.captureStackTrace(error));
  return error.stack ?? "";
}

it("maps the frames of the program, and looks for no sources of packages", () => {
  mapOnlyFramesOfTheProgram();
  const [head, ...frames] = traceThroughPackage("told").split("\n");
  expect(head).toBe("Error: told");
  expect(frames.some((frame) => frame.includes("/node_modules/yaml/"))).toBe(true);
  expect(frames.every((frame) => /^ {4}at \S/.test(frame))).toBe(true);
  const mapped = theirs.mock.calls.flatMap(([, those]) => those.map((frame) => frame.getFileName() ?? ""));
  expect(mapped.some((name) => name.endsWith("stack-traces.test.ts"))).toBe(true);
  expect(mapped.filter((name) => name.includes("/node_modules/"))).toEqual([]);
});

it("changes nothing twice, and nothing where no sources are mapped", () => {
  mapOnlyFramesOfTheProgram();
  const once = Error.prepareStackTrace;
  mapOnlyFramesOfTheProgram();
  expect(Error.prepareStackTrace).toBe(once);
  Error.prepareStackTrace = undefined as unknown as Map;
  mapOnlyFramesOfTheProgram();
  expect(Error.prepareStackTrace).toBeUndefined();
});

interface Traced {
  debuggablePromise(promise: Promise<unknown>, context: string): Promise<unknown>;
}
const { debuggablePromise } = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable") as Traced;

it("has the SDK note its promises as before, but for their stack traces", async () => {
  traceNoPromises();
  const sdk = createRequire(import.meta.url)("@pulumi/pulumi/runtime/debuggable") as Traced;
  expect(sdk.debuggablePromise).not.toBe(debuggablePromise);
  const noted = Promise.resolve("value") as Promise<string> & Record<string, unknown>;
  expect(await sdk.debuggablePromise(noted, "what it is for")).toBe("value");
  expect(noted._debugCtx).toBe("what it is for");
  expect(noted._debugStackTrace).not.toContain(" at ");
  expect(new Error("told").stack).toContain(" at ");
});

it("has the SDK look for no place in the code while it declares", () => {
  const traced = pulumi.Resource as unknown as { stackTrace(skip: number): readonly unknown[] };
  expect(traced.stackTrace(0).length).toBeGreaterThan(0);
  expect(declareWithoutPlace(() => traced.stackTrace(0))).toEqual([]);
  expect(() =>
    declareWithoutPlace(() => {
      throw new Error("refused");
    }),
  ).toThrow("refused");
  expect(traced.stackTrace(0).length).toBeGreaterThan(0);
});
