// Every way to log in, against a real sshd and a real agent, and what each refusal says.
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SshCredentials } from "../../../components/ssh/credentials.ts";
import { openSession } from "../../../components/ssh/session.ts";
import { startSshAgent } from "../../support/ssh-agent.ts";
import { newKey, type Sshd, startSshd } from "../../support/sshd.ts";
import { failure } from "./failure.ts";

const passphrase = "open-sesame-4711";
const password = "correct-horse-0815";
let sshd: Sshd;

beforeAll(async () => {
  sshd = await startSshd({ password });
});
afterAll(() => sshd[Symbol.asyncDispose]());

async function whoami(credentials: SshCredentials): Promise<string> {
  await using session = await openSession(sshd.host, credentials);
  return (await session.run("id -un", { task: "probe", timeoutSeconds: 20 })).stdout;
}

/** Makes a key pair; returns the private half. */
function makeKey(name: string, options: { isAllowed: boolean; passphrase?: string }): string {
  const publicKey = newKey(sshd.folder, name, "ed25519", options.passphrase);
  if (options.isAllowed) appendFileSync(join(sshd.folder, "client.pub"), `${publicKey}\n`);
  return readFileSync(join(sshd.folder, name), "utf8");
}

const everything = (error: Error): string =>
  JSON.stringify(error) + String(error.stack) + String(error.cause);

it("J-23 with a key that the host does not know is refused with the remedy", async () => {
  const error = await failure(whoami({ privateKey: makeKey("stranger", { isAllowed: false }) }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toBe(
    `connecting to host "root@127.0.0.1:${sshd.host.port}": login as "root" failed: All configured authentication methods failed. Check ssh.user and the credential, and that its public key is in the user's authorized_keys there.`,
  );
});

it("J-23 with an encrypted key works with its passphrase", async () => {
  const privateKey = makeKey("locked", { isAllowed: true, passphrase });
  expect(await whoami({ privateKey, passphrase })).toBe("root\n");
});

it.each([
  [undefined, "no passphrase given"],
  ["a-wrong-passphrase", "bad passphrase?"],
])("J-23 with an encrypted key and passphrase %j says what is wrong before it dials", async (wrong, text) => {
  const privateKey = makeKey(`locked-${wrong}`, { isAllowed: true, passphrase });
  const logins = sshd.logins();
  const error = await failure(whoami({ privateKey, ...(wrong !== undefined && { passphrase: wrong }) }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain(`reading the private key for host "root@127.0.0.1:${sshd.host.port}": `);
  expect(error.message).toContain(text);
  expect(everything(error)).not.toContain("a-wrong-passphrase");
  expect(sshd.logins()).toBe(logins);
});

it("J-23 with a malformed key says so and does not repeat the key", async () => {
  const error = await failure(whoami({ privateKey: "not-a-key-but-secret" }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain("reading the private key");
  expect(everything(error)).not.toContain("not-a-key-but-secret");
});

it("J-23 with an agent that has the key works, also among other keys", async () => {
  makeKey("other", { isAllowed: false });
  const files = ["other", "client"].map((name) => join(sshd.folder, name));
  await using agent = await startSshAgent(sshd.folder, ...files);
  expect(await whoami({ agentSocket: agent.socket })).toBe("root\n");
});

it("J-23 with an agent without the key is refused, and points at the agent", async () => {
  await using agent = await startSshAgent(sshd.folder);
  const error = await failure(whoami({ agentSocket: agent.socket }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain(
    "Check ssh.user and that the agent holds a key (`ssh-add -l`) that is in the user's authorized_keys there.",
  );
});

it("J-23 with an agent that is gone is refused, and points at the agent", async () => {
  const error = await failure(whoami({ agentSocket: join(sshd.folder, "no-agent") }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain("that the agent holds a key (`ssh-add -l`)");
});

it("J-23 with a password works", async () => {
  expect(await whoami({ password })).toBe("root\n");
});

it("J-23 with a wrong password is refused, and does not repeat it", async () => {
  const error = await failure(whoami({ password: "a-wrong-password" }));
  expect(error.kind).toBe("authentication");
  expect(error.message).toContain(
    "Check ssh.user and the password, and that the server allows logins by password.",
  );
  expect(everything(error)).not.toContain("a-wrong-password");
});

it("J-23 with a password works where the server asks for it as a question", async () => {
  const settings = ["UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes"];
  await using asking = await startSshd({ password, settings });
  await using session = await openSession(asking.host, { password });
  const { stdout } = await session.run("id -un", { task: "probe", timeoutSeconds: 20 });
  expect(stdout).toBe("root\n");
});

describe("J-C14 a login that fails is told as what it is", () => {
  const refused = async (settings: readonly string[], credentials?: SshCredentials) => {
    await using server = await startSshd({ settings });
    return await failure(openSession(server.host, credentials ?? server.credentials));
  };
  /** Opens a session to a server that has the line which a message names, in place of the one it had. */
  const letsInWith = async (message: string, others: readonly string[] = [], pinned: object = {}) => {
    const [, line = ""] =
      /\(sshd_config: (\w+ \+[\w-]+), in place of the line that is there\)/.exec(message) ?? [];
    await using server = await startSshd({ settings: [...others, line] });
    await using _session = await openSession({ ...server.host, ...pinned }, server.credentials);
    return line;
  };

  it("a second factor, after a key of a file or of an agent", async () => {
    const settings = [
      "UsePAM yes",
      "KbdInteractiveAuthentication yes",
      "AuthenticationMethods publickey,keyboard-interactive",
    ];
    await using server = await startSshd({ settings });
    await using agent = await startSshAgent(server.folder, join(server.folder, "client"));
    for (const credentials of [server.credentials, { agentSocket: agent.socket }]) {
      const error = await failure(openSession(server.host, credentials));
      expect(error.kind).toBe("authentication");
      expect(error.message).toContain("the server wants a second factor (keyboard-interactive)");
      expect(error.message).toContain("Match User root, AuthenticationMethods publickey");
    }
  });

  it("a server that takes no keys", async () => {
    const error = await refused(["PubkeyAuthentication no", "PasswordAuthentication yes"]);
    expect(error.kind).toBe("authentication");
    expect(error.message).toContain("the server accepts only password for this login");
  });

  it("an agent with more keys than the server takes tries", async () => {
    const names = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => `many-${at}`);
    for (const name of names) makeKey(name, { isAllowed: false });
    await using agent = await startSshAgent(
      sshd.folder,
      ...[...names, "client"].map((name) => join(sshd.folder, name)),
    );
    const error = await failure(whoami({ agentSocket: agent.socket }));
    expect(error.kind).toBe("authentication");
    expect(error.message).toContain("Too many authentication failures. The agent offers its keys one after");
  });

  it("a server that exchanges keys by post-quantum methods only", async () => {
    const error = await refused(["KexAlgorithms sntrup761x25519-sha512@openssh.com"]);
    expect(error.kind).toBe("algorithms");
    expect(error.message).toContain("the server offers only sntrup761x25519-sha512@openssh.com");
    expect(await letsInWith(error.message)).toBe("KexAlgorithms +curve25519-sha256");
  });

  it("a host that proves itself by certificate only", async () => {
    const folder = sshd.folder;
    newKey(folder, "authority", "ed25519");
    const certified = newKey(folder, "certified", "ed25519");
    const sign = ["-q", "-s", join(folder, "authority"), "-h", "-I", "w1", join(folder, "certified.pub")];
    execFileSync("ssh-keygen", sign);
    const keys = [`HostKey ${folder}/certified`, `HostCertificate ${folder}/certified-cert.pub`];
    const error = await refused([...keys, "HostKeyAlgorithms ssh-ed25519-cert-v01@openssh.com"]);
    expect(error.kind).toBe("algorithms");
    expect(error.message).toContain("the server offers only ssh-ed25519-cert-v01@openssh.com");
    expect(await letsInWith(error.message, keys, { hostKey: certified })).toBe(
      "HostKeyAlgorithms +ssh-ed25519",
    );
  });
});
