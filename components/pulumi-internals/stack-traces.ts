// Stack traces that cost little: Pulumi's SDK takes one for each promise, and one without end for each resource, and maps
// every frame to the source that it was compiled from. With a thousand nodes that was a third of the processor time.
// Bets: `cmd/run` and `cmd/dynamic-provider` have set `Error.prepareStackTrace` (source-map-support), and what it returns
// for no frames is the head; the SDK calls `debuggablePromise` of runtime/debuggable and `Resource.stackTrace` where they
// are exported.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";

const ownFolder = fileURLToPath(new URL(".", import.meta.url));

/** Leaves the frames of packages, of Node and of this one as they are; those of the user's program are mapped as before. */
export function mapOnlyFramesOfTheProgram(): void {
  const map = Error.prepareStackTrace;
  if (map === undefined || "isCheap" in map) return;
  const prepare = (error: Error, frames: NodeJS.CallSite[]): string => {
    const head = String(map(error, []));
    const lines = frames.map((frame) =>
      isProgram(frame) ? String(map(error, [frame])).slice(head.length) : `\n    at ${frame}`,
    );
    return head + lines.join("");
  };
  Error.prepareStackTrace = Object.assign(prepare, { isCheap: true });
}

function isProgram(frame: NodeJS.CallSite): boolean {
  const file = frame.getFileName() ?? "node:";
  return !file.startsWith("node:") && !file.includes("/node_modules/") && !file.startsWith(ownFolder);
}

type Wrapping = (promise: Promise<unknown>, context: unknown) => Promise<unknown>;

/** Has the SDK note no stack trace with its promises, which it would show of leaked ones only, and when asked to. */
export function traceNoPromises(): void {
  if (process.env.PULUMI_DEBUG_PROMISE_LEAKS) return;
  const sdk = createRequire(import.meta.url);
  const debuggable = sdk("@pulumi/pulumi/runtime/debuggable") as { debuggablePromise?: Wrapping };
  const wrap = debuggable.debuggablePromise;
  if (wrap === undefined || "isCheap" in wrap) return;
  const cheap: Wrapping = (promise, context) => withoutFrames(() => wrap(promise, context));
  debuggable.debuggablePromise = Object.assign(cheap, { isCheap: true });
}

function withoutFrames<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

interface Traced {
  stackTrace?: (skip: number) => readonly unknown[];
}

/**
 * Declares resources without the place in the code, which the SDK would find out for each of them and the state would
 * hold: of those of a node it is the same for all, inside of this package.
 */
export function declareWithoutPlace<Declared>(declare: () => Declared): Declared {
  const traced = pulumi.Resource as unknown as Traced;
  const { stackTrace } = traced;
  if (stackTrace === undefined) return declare();
  traced.stackTrace = () => [];
  try {
    return declare();
  } finally {
    traced.stackTrace = stackTrace;
  }
}
