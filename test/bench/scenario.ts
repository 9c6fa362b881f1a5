// The populations that are drained, and at what pace. Data only.

/** The name of a scenario on the command line. */
export type ScenarioName = keyof typeof scenarios;

/** A figure that somebody else has published for a population of this size, on a machine of theirs. */
export interface PublishedFigure {
  readonly seconds: number;
  readonly source: string;
}

/** One population and how its nodes leave. */
export interface Scenario {
  /** Simulated nodes, or the lab's own hosts. */
  readonly nodes: "simulated" | "hosts";
  /** Nodes that leave; all pods of the population run there at the start. */
  readonly leaving: number;
  readonly podsPerNode: number;
  /** Nodes that stay and take the replacements. */
  readonly spare: number;
  readonly podsPerDeployment: number;
  /** How many nodes drain at once, where a side drains several at once. */
  readonly maxUnavailable: number;
  /** How many of the leaving nodes the one-call form drains; its figures are scaled up from these. Absent: it does not run. */
  readonly oneCallNodes?: number;
  readonly published?: PublishedFigure;
}

/** All scenarios; a, b, c and real are those that are published, small is for working on the benchmark. */
export const scenarios = {
  a: {
    nodes: "simulated",
    leaving: 50,
    podsPerNode: 20,
    spare: 30,
    podsPerDeployment: 50,
    maxUnavailable: 10,
    oneCallNodes: 10,
    published: { seconds: 280, source: "eksctl#4864, serial" },
  },
  b: {
    nodes: "simulated",
    leaving: 150,
    podsPerNode: 15,
    spare: 50,
    podsPerDeployment: 50,
    maxUnavailable: 15,
    oneCallNodes: 10,
    published: { seconds: 450, source: "NVSentinel, 5 evictions/s" },
  },
  c: {
    nodes: "simulated",
    leaving: 1,
    podsPerNode: 300,
    spare: 6,
    podsPerDeployment: 50,
    maxUnavailable: 1,
  },
  real: {
    nodes: "hosts",
    leaving: 1,
    podsPerNode: 30,
    spare: 2,
    podsPerDeployment: 10,
    maxUnavailable: 1,
  },
  small: {
    nodes: "simulated",
    leaving: 6,
    podsPerNode: 10,
    spare: 3,
    podsPerDeployment: 20,
    maxUnavailable: 3,
    oneCallNodes: 2,
  },
} as const satisfies Record<string, Scenario>;

/** Share of a Deployment's pods that its budget lets be away, in percent, by turns; undefined is a Deployment without one. */
export const budgetPercents = [10, undefined, 5, 10] as const;

/** Returns how many pods of the population there are. */
export function podCount(scenario: Scenario): number {
  return scenario.leaving * scenario.podsPerNode;
}

/** Returns the names of the nodes that leave, and of those that stay. */
export function nodeNames(scenario: Scenario): { readonly leaving: string[]; readonly spare: string[] } {
  const total = scenario.leaving + scenario.spare;
  const prefix = scenario.nodes === "hosts" ? "w" : "node-";
  const names = Array.from({ length: total }, (_, index) => `${prefix}${index + 1}`);
  return { leaving: names.slice(0, scenario.leaving), spare: names.slice(scenario.leaving) };
}
