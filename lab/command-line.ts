// Reads the arguments of `npm run lab --`. Pure.
import { parseArgs } from "node:util";
import { hostIndex, maximumHosts } from "./hosts/host.ts";
import type { PowerAction } from "./lab.ts";
import type { CableState } from "./network/cable.ts";

/** What the user asked for. */
export type LabCommand =
  | { readonly verb: "up"; readonly hosts: number | undefined }
  | { readonly verb: "down" | "status" }
  | { readonly verb: "kubectl" | "exec"; readonly argv: readonly string[] }
  | { readonly verb: "ssh"; readonly host: string; readonly argv: readonly string[] }
  | { readonly verb: "power"; readonly host: string; readonly action: PowerAction }
  | { readonly verb: "network"; readonly host: string; readonly state: CableState };

/** The user's arguments make no command; the message says why, and how they are used. */
export class UsageError extends Error {}

const usages: Readonly<Record<LabCommand["verb"], string>> = {
  up: "up [--hosts N]",
  down: "down",
  status: "status",
  kubectl: "kubectl <argument …>",
  ssh: "ssh <host> [command …]",
  power: "power <host> off|on|reboot",
  network: "network <host> cut|heal",
  exec: "exec -- <command …>",
};

/** Reads the arguments; throws a UsageError when they make no command. */
export function parseCommandLine(args: readonly string[]): LabCommand {
  const [verb = "", ...rest] = args;
  switch (verb) {
    case "up":
      return { verb, hosts: hostCount(rest) };
    case "down":
    case "status":
      if (rest.length > 0) throw misuse(verb, `unexpected "${rest[0]}"`);
      return { verb };
    case "kubectl":
      return { verb, argv: rest };
    case "exec":
      return { verb, argv: execArguments(rest) };
    case "ssh":
      return { verb, host: hostName(verb, rest[0]), argv: rest.slice(1) };
    case "power":
      return { verb, host: hostName(verb, rest[0]), action: choice(verb, rest, ["off", "on", "reboot"]) };
    case "network":
      return { verb, host: hostName(verb, rest[0]), state: choice(verb, rest, ["cut", "heal"]) };
    default:
      throw new UsageError(
        `${verb === "" ? "no verb" : `unknown verb "${verb}"`}. Verbs: ${Object.values(usages).join("; ")}.`,
      );
  }
}

function hostCount(args: readonly string[]): number | undefined {
  const text = hostsOption(args);
  if (text === undefined) return undefined;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > maximumHosts) {
    throw misuse("up", `--hosts takes a number from 1 to ${maximumHosts}, not "${text}"`);
  }
  return count;
}

function hostsOption(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { hosts: { type: "string" } } }).values.hosts;
  } catch (cause) {
    throw misuse("up", cause instanceof Error ? cause.message : String(cause));
  }
}

function execArguments(args: readonly string[]): readonly string[] {
  const argv = args[0] === "--" ? args.slice(1) : args;
  if (argv.length === 0) throw misuse("exec", "no command");
  return argv;
}

function hostName(verb: LabCommand["verb"], name: string | undefined): string {
  if (name === undefined) throw misuse(verb, "no host");
  if (hostIndex(name) === undefined) throw misuse(verb, `"${name}" is no host; hosts are w1, w2, …`);
  return name;
}

function choice<Word extends string>(
  verb: LabCommand["verb"],
  args: readonly string[],
  words: readonly Word[],
): Word {
  const [, given, extra] = args;
  const word = words.find((one) => one === given);
  if (word === undefined)
    throw misuse(verb, given === undefined ? "nothing to do with it" : `unknown "${given}"`);
  if (extra !== undefined) throw misuse(verb, `unexpected "${extra}"`);
  return word;
}

function misuse(verb: LabCommand["verb"], problem: string): UsageError {
  return new UsageError(`${verb}: ${problem}. Usage: npm run lab -- ${usages[verb]}`);
}
