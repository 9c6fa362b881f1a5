// The command plugin beside an sshd that it may log in to; one pair for each test file.
import { afterAll, beforeAll, beforeEach, expect } from "vitest";
import type { Properties } from "../../lab/pulumi-plugins/properties.ts";
import { type Sshd, type SshdOptions, startSshd } from "../support/sshd.ts";
import { type CommandPlugin, startCommandPlugin } from "./engine.ts";

/** What the tests of a file share; valid while its tests run. */
export interface CommandSite {
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

/** Starts the pair before the first test of the calling file, and stops it after the last. */
export function commandSite(options: SshdOptions = {}, urn?: string): CommandSite {
  let plugin: CommandPlugin;
  let sshd: Sshd;
  beforeAll(async () => {
    [plugin, sshd] = await Promise.all([startCommandPlugin(urn), startSshd(options)]);
  });
  afterAll(async () => {
    await Promise.all([plugin.stop(), sshd[Symbol.asyncDispose]()]);
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
