import { describe, expect, it } from "vitest";
import { parseCommandLine, UsageError } from "../../../lab/command-line.ts";

describe("parseCommandLine", () => {
  it.each([
    { args: ["up"], command: { verb: "up", hosts: undefined } },
    { args: ["up", "--hosts", "12"], command: { verb: "up", hosts: 12 } },
    { args: ["down"], command: { verb: "down" } },
    { args: ["status"], command: { verb: "status" } },
    { args: ["kubectl", "get", "--raw=/x"], command: { verb: "kubectl", argv: ["get", "--raw=/x"] } },
    {
      args: ["exec", "--", "pulumi", "up", "--yes"],
      command: { verb: "exec", argv: ["pulumi", "up", "--yes"] },
    },
    { args: ["ssh", "w1"], command: { verb: "ssh", host: "w1", argv: [] } },
    { args: ["ssh", "w1", "ls", "-l"], command: { verb: "ssh", host: "w1", argv: ["ls", "-l"] } },
    { args: ["power", "w2", "reboot"], command: { verb: "power", host: "w2", action: "reboot" } },
    { args: ["network", "w3", "heal"], command: { verb: "network", host: "w3", state: "heal" } },
  ])("reads $args", ({ args, command }) => {
    expect(parseCommandLine(args)).toEqual(command);
  });

  it.each([
    { args: [], problem: "no verb. Verbs: up [--hosts N]; down; status; " },
    { args: ["frob"], problem: 'unknown verb "frob". Verbs: ' },
    { args: ["up", "--hosts", "0"], problem: 'up: --hosts takes a number from 1 to 64, not "0". Usage: ' },
    { args: ["up", "--hosts", "65"], problem: 'up: --hosts takes a number from 1 to 64, not "65". Usage: ' },
    { args: ["up", "--hosts=1.5"], problem: 'up: --hosts takes a number from 1 to 64, not "1.5". Usage: ' },
    { args: ["up", "--nodes", "4"], problem: "up: Unknown option '--nodes'" },
    { args: ["down", "now"], problem: 'down: unexpected "now". Usage: npm run lab -- down' },
    { args: ["exec", "--"], problem: "exec: no command. Usage: npm run lab -- exec -- <command …>" },
    { args: ["ssh"], problem: "ssh: no host. Usage: npm run lab -- ssh <host> [command …]" },
    { args: ["ssh", "web"], problem: 'ssh: "web" is no host; hosts are w1, w2, …. Usage: ' },
    {
      args: ["power", "w1"],
      problem: "power: nothing to do with it. Usage: npm run lab -- power <host> off|on|reboot",
    },
    { args: ["power", "w1", "cut"], problem: 'power: unknown "cut". Usage: ' },
    { args: ["network", "w1", "cut", "w2"], problem: 'network: unexpected "w2". Usage: ' },
  ])("refuses $args", ({ args, problem }) => {
    expect(() => parseCommandLine(args)).toThrow(problem);
    expect(() => parseCommandLine(args)).toThrow(UsageError);
  });
});
