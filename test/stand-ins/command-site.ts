// The command plugin beside an sshd that it may log in to; one pair for all test files of a worker.
import { rmSync } from "node:fs";
import { beforeAll, beforeEach, expect } from "vitest";
import type { Properties } from "../../lab/stand-ins/properties.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { type CommandPlugin, startCommandPlugin } from "./engine.ts";

/** What the tests of a worker share; valid while tests run. */
export interface CommandSite {
  /** Nobody may cancel it: what is cancelled stays so. */
  readonly plugin: CommandPlugin;
  readonly sshd: Sshd;
  /** Inputs as check leaves them, for a command on the site's sshd; null takes a field away. */
  checked(inputs: Properties, connection?: Properties): Promise<Properties>;
  /** What the plugin showed on the resource's row in this test. */
  statusLines(): string[];
}

/** Fields of a connection to an sshd. */
export function connectionTo({ host, credentials }: Pick<Sshd, "host" | "credentials">): Properties {
  const { address, port, hostKey } = host;
  return { host: address, port, hostKey, ...credentials };
}

/** Password of root at the site's sshd. */
export const password = "correct-horse-0815";

const settings = ["AcceptEnv LAB_*", "Subsystem sftp internal-sftp"];
let pair: Promise<[CommandPlugin, Sshd]> | undefined;

/** Starts the pair before the first test that needs it; it ends with the worker. */
export function commandSite(): CommandSite {
  let plugin: CommandPlugin;
  let sshd: Sshd;
  beforeAll(async () => {
    pair ??= startPair();
    [plugin, sshd] = await pair;
  });
  beforeEach(() => {
    plugin.lines.length = 0;
  });
  return {
    get plugin() {
      return plugin;
    },
    get sshd() {
      return sshd;
    },
    checked: async (inputs, connection = {}) => {
      const reply = await plugin.check({
        connection: { ...connectionTo(sshd), dialErrorLimit: 0, ...connection },
        addPreviousOutputInEnv: false,
        ...inputs,
      });
      expect(reply.failures).toEqual([]);
      return reply.inputs;
    },
    statusLines: () => plugin.lines.filter(({ ephemeral }) => ephemeral).map(({ message }) => message),
  };
}

async function startPair(): Promise<[CommandPlugin, Sshd]> {
  const [plugin, sshd] = await Promise.all([startCommandPlugin(), startSshd({ password, settings })]);
  // The worker is ended by a signal, which runs no exit handler otherwise.
  process.once("SIGTERM", () => process.exit());
  process.once("exit", () => rmSync(sshd.folder, { recursive: true, force: true }));
  return [plugin, sshd];
}
