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

/** What the user asked for. */
export type BenchOrder = DrainOrder | JoinOrder;

const usage =
  "npm run bench -- drain [--scenario a,b,c,real] [--rounds 2] [--full]; scenario small is a quick try; " +
  "npm run bench -- join [--hosts 12] [--rounds 5]";
const published: readonly ScenarioName[] = ["a", "b", "c", "real"];

/** Reads the arguments; throws an Error that says how they are used. */
export function parseCommandLine([benchmark = "", ...args]: readonly string[]): BenchOrder {
  switch (benchmark) {
    case "drain":
      return drainOrder(args);
    case "join":
      return joinOrder(args);
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
