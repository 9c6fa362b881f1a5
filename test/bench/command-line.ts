// Reads the arguments of `npm run bench --`. Pure.
import { parseArgs } from "node:util";
import { type ScenarioName, scenarios } from "./scenario.ts";

/** What the user asked for. */
export interface BenchOrder {
  readonly scenarios: readonly ScenarioName[];
  readonly rounds: number;
  readonly full: boolean;
}

const usage =
  "npm run bench -- drain [--scenario a,b,c,real] [--rounds 2] [--full]; scenario small is a quick try";
const published: readonly ScenarioName[] = ["a", "b", "c", "real"];

/** Reads the arguments; throws an Error that says how they are used. */
export function parseCommandLine(args: readonly string[]): BenchOrder {
  const { positionals, values } = parse(args);
  if (positionals.join() !== "drain") throw misuse(`no benchmark "${positionals.join(" ")}"`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw misuse(`--rounds "${values.rounds}" is no count`);
  return {
    scenarios: values.scenario === undefined ? published : values.scenario.split(",").map(scenarioNamed),
    rounds,
    full: values.full,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        scenario: { type: "string" },
        rounds: { type: "string", default: "2" },
        full: { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw misuse(cause instanceof Error ? cause.message : String(cause));
  }
}

function scenarioNamed(name: string): ScenarioName {
  if (!(name in scenarios)) throw misuse(`no scenario "${name}"`);
  return name as ScenarioName;
}

function misuse(problem: string): Error {
  return new Error(`reading the arguments: ${problem}. Usage: ${usage}`);
}
