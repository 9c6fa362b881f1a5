// How much memory a run takes with very many nodes, told before it runs out: the kernel would end one of the processes, or V8
// the program, without a word of why. Figures as measured (docs/scale.md). Pure.

/** What one run may use, in bytes. */
export interface MemoryLimits {
  /** All processes together: the machine's memory, or what a container gets of it. */
  readonly machine: number;
  /** The objects of the program, as Node limits them. */
  readonly heap: number;
}

/**
 * In bytes, without nodes and for each node: of all processes of an `up`, whose engine needs more than that of a preview,
 * what they share counted once; and of the program's objects that are in use when all are declared.
 */
const measured = {
  machine: { least: 650e6, perNode: 0.95e6 },
  heap: { least: 60e6, perNode: 0.25e6 },
} as const;

/** Says that a stack with so many nodes needs more memory than there is; undefined when it does not. */
export function memoryWarning(nodes: number, limits: MemoryLimits): string | undefined {
  const needs = (of: keyof MemoryLimits) => measured[of].least + nodes * measured[of].perNode;
  const shortages = [
    ...(needs("machine") > limits.machine
      ? [
          `program, providers and engine need ${about(needs("machine"))}, and there are ${about(limits.machine)} here`,
        ]
      : []),
    ...(needs("heap") > limits.heap
      ? [
          `the program's objects need ${about(needs("heap"))}, and Node lets it have ${about(limits.heap)} (NODE_OPTIONS=--max-old-space-size=… in MiB)`,
        ]
      : []),
  ];
  if (shortages.length === 0) return undefined;
  return `the stack declares ${nodes} nodes. By measurement ${shortages.join("; ")}: the run may be ended half-way. Cut the cluster into several stacks (docs/scale.md says how), or run it where there is more memory.`;
}

function about(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
