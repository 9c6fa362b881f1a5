// Outputs that nobody reads: the SDK makes one of each input of a resource, with a dozen promises. With a thousand nodes
// these were more than half of what a program kept in memory.
// Bet: runtime/resource calls `transferProperties` where runtime/rpc exports it, before it waits for anything, and makes
// nothing of what the engine returns beside.
import { createRequire } from "node:module";

type Transfer = (onto: object, label: string, props: Readonly<Record<string, unknown>>) => object;

/** Declares resources that have only these of their outputs, and their ids. */
export function declareWithOutputs<Declared>(names: readonly string[], declare: () => Declared): Declared {
  const rpc = createRequire(import.meta.url)("@pulumi/pulumi/runtime/rpc") as {
    transferProperties?: Transfer;
  };
  const { transferProperties } = rpc;
  if (transferProperties === undefined) return declare();
  rpc.transferProperties = (onto, label, props) => {
    const kept = Object.entries(props).filter(([name]) => names.includes(name));
    return transferProperties(onto, label, Object.fromEntries(kept));
  };
  try {
    return declare();
  } finally {
    rpc.transferProperties = transferProperties;
  }
}
