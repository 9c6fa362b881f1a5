// The join command's way to a host: the connection that the program declares, carried out by the plugin against real
// sshds and a real agent.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandConnection } from "../../components/ssh/command-connection.ts";
import type { SshCredentials } from "../../components/ssh/credentials.ts";
import type { Properties } from "../../lab/stand-ins/properties.ts";
import { startSshAgent } from "../support/ssh-agent.ts";
import { newKey, type Sshd, startSshd } from "../support/sshd.ts";
import { commandSite, password } from "./command-site.ts";

const passphrase = "open-sesame-4711";
const site = commandSite();

async function run(script: string, credentials: SshCredentials, sshd: Sshd = site.sshd) {
  const { inputs } = await site.plugin.check({
    connection: commandConnection(sshd.host, credentials) as unknown as Properties,
    create: script,
    addPreviousOutputInEnv: false,
  });
  return (await site.plugin.create(inputs)).state.stdout;
}

/** Runs in vain, and returns all that is said of it. */
async function refusal(credentials: SshCredentials): Promise<string> {
  const error: unknown = await run("true", credentials).catch((reason: unknown) => reason);
  return `${error}${site.plugin.lines.map(({ message }) => message).join()}`;
}

function lockedKey(name: string): string {
  const publicKey = newKey(site.sshd.folder, name, "ed25519", passphrase);
  appendFileSync(join(site.sshd.folder, "client.pub"), `${publicKey}\n`);
  return readFileSync(join(site.sshd.folder, name), "utf8");
}

describe("J-23 the join command logs in", () => {
  it("with an encrypted key and its passphrase", async () => {
    expect(await run("id -un", { privateKey: lockedKey("locked"), passphrase })).toBe("root");
  });

  it("with the key of an agent", async () => {
    await using agent = await startSshAgent(site.sshd.folder, join(site.sshd.folder, "client"));
    expect(await run("id -un", { agentSocket: agent.socket })).toBe("root");
  });

  it("with a password", async () => {
    expect(await run("id -un", { password })).toBe("root");
  });

  it("through a bastion that has other keys", async () => {
    await using bastion = await startSshd();
    const credentials = {
      ...site.sshd.credentials,
      bastion: { server: bastion.host, secrets: bastion.credentials },
    };
    expect(await run("id -un", credentials)).toBe("root");
    expect(bastion.logins()).toBe(1);
  });
});

describe("J-23 the join command's error shows no secret", () => {
  it("of a wrong passphrase", async () => {
    const text = await refusal({ privateKey: lockedKey("locked-too"), passphrase: "a-wrong-passphrase" });
    expect(text).toContain("bad passphrase?");
    expect(text).not.toContain("a-wrong-passphrase");
  });

  it("of a wrong password", async () => {
    const text = await refusal({ password: "a-wrong-password" });
    expect(text).toContain("All configured authentication methods failed");
    expect(text).not.toContain("a-wrong-password");
  });

  it("of an agent without the key", async () => {
    await using agent = await startSshAgent(site.sshd.folder);
    expect(await refusal({ agentSocket: agent.socket })).toContain(
      "All configured authentication methods failed",
    );
  });
});

describe("J-04 twelve join commands at once get through", () => {
  const settings = ["MaxStartups 3:100:3"];
  const numbers = Array.from({ length: 12 }, (_, at) => `${at}`);

  it("an sshd whose MaxStartups is 3", async () => {
    await using sshd = await startSshd({ settings });
    expect(await Promise.all(numbers.map((at) => run(`echo ${at}`, sshd.credentials, sshd)))).toEqual(
      numbers,
    );
  });

  it("a bastion whose MaxStartups is 3", async () => {
    await using bastion = await startSshd({ settings });
    // The host bears them all: each of them is another one in a real stack.
    await using host = await startSshd({ settings: ["MaxStartups 100"] });
    const credentials = {
      ...host.credentials,
      bastion: { server: bastion.host, secrets: bastion.credentials },
    };
    expect(await Promise.all(numbers.map((at) => run(`echo ${at}`, credentials, host)))).toEqual(numbers);
  });
});
