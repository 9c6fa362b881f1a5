// `ssh.bastion`: what it takes from the hosts' login, what it must have of its own, and how it may not be declared.
import { describe, expect, it } from "vitest";
import { readConnectionSettings } from "../../../components/settings/connection-settings.ts";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { config, environment, hostKey, problemsOf } from "./declared.ts";

const kinds = "privateKeyFile, privateKey, agent, agentSocket, password";
const secret = "correct-horse-battery-staple";
const address = "192.0.2.1";

/** The ssh part of a config with a bastion, whose hosts are logged in to by agent. */
const withBastion = (bastion: unknown, more: object = {}) =>
  config({ ssh: { agentSocket: "/run/agent", bastion, ...more } });

function bastionOf(bastion: unknown, more: object = {}, around = environment()) {
  return parseSettings(withBastion(bastion, more), around).value?.ssh.credentials.bastion;
}

describe("a bastion", () => {
  it("gets the hosts' user and credential, and port 22, when it has none of its own", () => {
    expect(bastionOf({ address, hostKey }, { user: "ops", port: 2222 })).toEqual({
      server: { address, port: 22, user: "ops", hostKey },
      secrets: { agentSocket: "/run/agent" },
    });
  });

  it("keeps what it has of its own, and its key loses the comment", () => {
    const own = { address, port: 2022, user: "jump", hostKey: `${hostKey} root@b`, password: secret };
    expect(bastionOf(own)).toEqual({
      server: { address, port: 2022, user: "jump", hostKey },
      secrets: { password: secret },
    });
  });

  it("is found in the known_hosts file by its own address and port", () => {
    const files = environment({ "admin.conf": "", known: `[${address}]:2022 ${hostKey}\n` });
    expect(bastionOf({ address, port: 2022 }, { knownHostsFile: "known" }, files)?.server.hostKey).toBe(
      hostKey,
    );
  });

  it("is absent when none is declared", () => {
    expect(parseSettings(config(), environment()).value?.ssh.credentials).toEqual({
      agentSocket: "/run/agent",
    });
  });
});

it("M9 a bastion never gets the hosts' password", () => {
  const declared = config({ ssh: { password: secret, bastion: { address, hostKey } } });
  const [problem, ...others] = problemsOf(declared);
  expect(others).toEqual([]);
  expect(problem).toContain(
    "ssh.bastion: no credential, and the password of the hosts would be handed to it",
  );
  expect(problem).not.toContain(secret);
});

describe("J-23 a bastion is refused", () => {
  const missing = "missing, and only a machine whose key is known is connected to. Give hostKey as";
  it.each([
    ["b", "ssh.bastion: a text is not a bastion with address."],
    [{ hostKey }, "ssh.bastion.address: missing. Give an IP address or a DNS name."],
    [
      { address: "ops@b", hostKey },
      'ssh.bastion.address: "ops@b" is not an address; allowed: an IP address or a DNS name, without user, port or brackets. Login and port go to user and port.',
    ],
    [
      { address },
      `ssh.bastion.hostKey: ${missing} "type base64" (ssh-keyscan shows it; compare it on the machine), or name a known_hosts file in ssh.knownHostsFile.`,
    ],
    [
      { address, hostKey, password: secret, privateKey: secret },
      `ssh.bastion: 2 credentials (privateKey, password); allowed: at most one of ${kinds}.`,
    ],
    [
      { address, hostKey, privateKey: secret },
      "ssh.bastion.privateKey: not a private key in OpenSSH or PEM (RSA, EC) form. Give the file that ssh-keygen wrote, without .pub; `ssh-keygen -p -f <file>` converts others.",
    ],
    [
      { address, hostKey, privateKeyFile: "gone" },
      'ssh.bastion.privateKeyFile: "gone" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ],
    [
      { address, hostKey, privateKeyPassphrase: secret },
      "ssh.bastion.privateKeyPassphrase: there is no private key that it could be for. Remove it, or give privateKeyFile.",
    ],
    [
      { address, hostKey, knownHostsFile: "a" },
      `ssh.bastion.knownHostsFile: unknown key. It belongs in nodepools:ssh. Known here: address, port, user, hostKey, privateKeyFile, privateKey, privateKeyPassphrase, agent, agentSocket, agentKey, password.`,
    ],
    [{ address, hostkey: hostKey }, 'ssh.bastion.hostkey: unknown key. Did you mean "hostKey"?'],
  ])("%j", (bastion, text) => {
    expect(problemsOf(withBastion(bastion))).toEqual([text]);
  });

  it("without a key of its own and without the file that it should be in, as one problem", () => {
    expect(problemsOf(withBastion({ address }, { knownHostsFile: "known" }))).toEqual([
      'ssh.knownHostsFile: "known" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ]);
  });

  it("without a key in the file, naming the file", () => {
    const files = environment({ "admin.conf": "", known: `192.0.2.99 ${hostKey}\n` });
    expect(problemsOf(withBastion({ address }, { knownHostsFile: "known" }), files)).toEqual([
      `ssh.bastion.hostKey: ${missing} "type base64" (ssh-keyscan shows it; compare it on the machine), or add the host to known.`,
    ]);
  });
});

it("a provider reads the bastion from the stack config, and needs no known_hosts file that only hosts need", () => {
  const ssh = { agentSocket: "/a", knownHostsFile: "no-such-file", bastion: { address, hostKey } };
  const cluster = { kubeconfig: "apiVersion: v1\n" };
  expect(readConnectionSettings(JSON.stringify(cluster), JSON.stringify(ssh)).ssh).toEqual({
    user: "root",
    port: 22,
    parallelJoins: 10,
    credentials: {
      agentSocket: "/a",
      bastion: { server: { address, port: 22, user: "root", hostKey }, secrets: { agentSocket: "/a" } },
    },
  });
});
