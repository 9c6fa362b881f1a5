// Contract with what Pulumi's SDK sets up before it runs a program: an update that breaks our bet fails here.
import { createRequire } from "node:module";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { mapOnlyFramesOfTheProgram } from "../../../components/pulumi-internals/stack-traces.ts";

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
