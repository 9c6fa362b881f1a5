// Reads the arguments of `npm run bench --`. Pure.
import { parseArgs } from "node:util";
import { maximumHosts } from "../../lab/hosts/host.ts";
import { type ScenarioName, scenarios } from "./scenario.ts";

/** Which drains are to be measured. */
export interface DrainOrder {
  readonly benchmark: "drain";
  readonly scenarios: readonly ScenarioName[];
  readonly rounds: number;
  readonly full: boolean;
}

/** How many hosts are to join, and how often each side has its turn. */
export interface JoinOrder {
  readonly benchmark: "join";
  readonly hosts: number;
  readonly rounds: number;
}

/** How often each side takes nodes out under traffic. */
export interface ScaleInOrder {
  readonly benchmark: "scale-in";
  readonly rounds: number;
}

/** How many nodes the stacks are to have, and how often each side has its turn. */
export interface ScaleOrder {
  readonly benchmark: "scale";
  readonly nodes: readonly number[];
  readonly rounds: number;
}

/** What the user asked for. */
export type BenchOrder = DrainOrder | JoinOrder | ScaleInOrder | ScaleOrder;

const usage =
  "npm run bench -- drain [--scenario a,b,c,real] [--rounds 2] [--full]; scenario small is a quick try; " +
  "npm run bench -- join [--hosts 12] [--rounds 5]; npm run bench -- scale-in [--rounds 3]; " +
  "npm run bench -- scale [--nodes 1000] [--rounds 3]; --nodes 100 is a quick try, 1000,5000 takes an hour";
const published: readonly ScenarioName[] = ["a", "b", "c", "real"];

/** Reads the arguments; throws an Error that says how they are used. */
export function parseCommandLine([benchmark = "", ...args]: readonly string[]): BenchOrder {
  switch (benchmark) {
    case "drain":
      return drainOrder(args);
    case "join":
      return joinOrder(args);
    case "scale-in":
      return scaleInOrder(args);
    case "scale":
      return scaleOrder(args);
    default:
      throw misuse(`no benchmark "${benchmark}"`);
  }
}

function drainOrder(args: readonly string[]): DrainOrder {
  const { scenario, rounds: times, full } = parseDrainOptions(args);
  return {
    benchmark: "drain",
    scenarios: scenario === undefined ? published : scenario.split(",").map(scenarioNamed),
    rounds: count("rounds", times, 1),
    full,
  };
}

function parseDrainOptions(args: readonly string[]) {
  const options = {
    scenario: { type: "string" },
    rounds: { type: "string", default: "2" },
    full: { type: "boolean", default: false },
  } as const;
  return orMisuse(() => parseArgs({ args: [...args], options }).values);
}

function joinOrder(args: readonly string[]): JoinOrder {
  const options = {
    hosts: { type: "string", default: "12" },
    // In about every second round a not-ready taint costs one of the sides 5 s: see by-hand.sh.
    rounds: { type: "string", default: "5" },
  } as const;
  const values = orMisuse(() => parseArgs({ args: [...args], options }).values);
  return {
    benchmark: "join",
    // One is added to the others at the end.
    hosts: count("hosts", values.hosts, 2, maximumHosts),
    rounds: count("rounds", values.rounds, 1),
  };
}

function scaleInOrder(args: readonly string[]): ScaleInOrder {
  // Each of the three sides begins once.
  const options = { rounds: { type: "string", default: "3" } } as const;
  const values = orMisuse(() => parseArgs({ args: [...args], options }).values);
  return { benchmark: "scale-in", rounds: count("rounds", values.rounds, 1) };
}

function scaleOrder(args: readonly string[]): ScaleOrder {
  const options = {
    nodes: { type: "string", default: "1000" },
    rounds: { type: "string", default: "3" },
  } as const;
  const values = orMisuse(() => parseArgs({ args: [...args], options }).values);
  return {
    benchmark: "scale",
    nodes: values.nodes.split(",").map((text) => count("nodes", text, 10, 10_000)),
    rounds: count("rounds", values.rounds, 1),
  };
}

function orMisuse<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw misuse(cause instanceof Error ? cause.message : String(cause));
  }
}

function count(option: string, text: string, least: number, most = 1000): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw misuse(`--${option} "${text}" is no count from ${least} to ${most}`);
}

function scenarioNamed(name: string): ScenarioName {
  if (!(name in scenarios)) throw misuse(`no scenario "${name}"`);
  return name as ScenarioName;
}

function misuse(problem: string): Error {
  return new Error(`reading the arguments: ${problem}. Usage: ${usage}`);
}
