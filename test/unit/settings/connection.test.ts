// How cluster and hosts are reached: every rule of `cluster` and `ssh`, and what they resolve to.
import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { config, environment, problemsOf } from "./declared.ts";

const kinds = "privateKeyFile, privateKey, agent, agentSocket, password";
const secret = "correct-horse-battery-staple";

function opensshKey(passphrase: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", file]);
  return readFileSync(file, "utf8");
}

function pemKey(type: "pkcs1" | "pkcs8", passphrase?: string): string {
  const cipher = passphrase === undefined ? {} : { cipher: "aes-128-cbc", passphrase };
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return privateKey.export({ type, format: "pem", ...cipher }).toString();
}

const withSsh = (ssh: unknown, around = environment()) => problemsOf(config({ ssh }), around);

describe("cluster", () => {
  const withCluster = (cluster: unknown) => problemsOf(config({ cluster }));

  it.each([
    [undefined, "cluster: missing. Give a map with kubeconfig."],
    ["apiVersion: v1", "cluster: a text is not a map with kubeconfig."],
    [{}, "cluster.kubeconfig: missing. Give the path of a kubeconfig, or its text as a secret."],
    [
      { kubeconfig: "" },
      "cluster.kubeconfig: empty. Give the path of a kubeconfig, or its text as a secret, or leave the key out.",
    ],
    [
      { kubeconfig: 7 },
      "cluster.kubeconfig: not the path of a kubeconfig, or its text as a secret. Write it in quotes.",
    ],
    [
      { kubeconfig: "gone.conf" },
      'cluster.kubeconfig: "gone.conf" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ],
    [
      { kubeconfig: "admin.conf", context: "" },
      "cluster.context: empty. Write a value, or leave the key out.",
    ],
    [{ kubeconfig: "admin.conf", contxt: "a" }, 'cluster.contxt: unknown key. Did you mean "context"?'],
  ])("refuses %j", (cluster, text) => {
    expect(withCluster(cluster)).toEqual([text]);
  });

  it.each(["admin.conf", "apiVersion: v1\nkind: Config\n", '{"kind":"Config"}'])(
    "takes the kubeconfig %j, a path or its text",
    (kubeconfig) => {
      const { value } = parseSettings(config({ cluster: { kubeconfig, context: "lab" } }), environment());
      expect(value?.cluster).toEqual({ kubeconfig, context: "lab" });
    },
  );
});

describe("J-23 ssh credentials", () => {
  it.each([
    [undefined, "ssh: missing. Give a map with a credential."],
    [{}, `ssh: no credential; allowed: exactly one of ${kinds}.`],
    [
      { agent: true, password: secret },
      `ssh: 2 credentials (agent, password); allowed: exactly one of ${kinds}.`,
    ],
    [{ agent: false }, "ssh.agent: false is not true. Leave it out otherwise."],
    [
      { agent: true },
      "ssh.agent: no SSH agent runs here: SSH_AUTH_SOCK is not set. Start one and add the key, or give privateKeyFile.",
    ],
    [
      { agentSocket: "/run/agent", privateKeyPassphrase: secret },
      "ssh.privateKeyPassphrase: there is no private key that it could be for. Remove it, or give privateKeyFile.",
    ],
    [
      { privateKeyFile: "gone" },
      'ssh.privateKeyFile: "gone" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ],
    [{ password: 12_345 }, "ssh.password: not a text, as a secret. Write it in quotes."],
    [{ password: secret, user: "" }, "ssh.user: empty. Write a value, or leave the key out."],
    [{ password: secret, port: 70_000 }, "ssh.port: 70000 is not a TCP port; allowed: 1 to 65535."],
    [
      { password: secret, parallelJoins: 0 },
      "ssh.parallelJoins: 0 is not a whole number of joins; allowed: 1 to 100.",
    ],
    [
      { password: secret, parallelJoins: 101 },
      "ssh.parallelJoins: 101 is not a whole number of joins; allowed: 1 to 100.",
    ],
    [{ password: secret, usr: "a" }, 'ssh.usr: unknown key. Did you mean "user"?'],
  ])("refuses %j", (ssh, text) => {
    expect(withSsh(ssh)).toEqual([text]);
  });
});

describe("J-23 private keys", () => {
  it("refuses a key of a form that not every SSH client reads, without showing it", () => {
    const text =
      "not a private key in OpenSSH or PEM (RSA, EC) form. Give the file that ssh-keygen wrote, without .pub; `ssh-keygen -p -f <file>` converts others.";
    expect(withSsh({ privateKey: secret })).toEqual([`ssh.privateKey: ${text}`]);
    expect(withSsh({ privateKey: pemKey("pkcs8") })).toEqual([`ssh.privateKey: ${text}`]);
    const files = environment({ "admin.conf": "", id: opensshKey("").slice(0, 60) });
    expect(withSsh({ privateKeyFile: "id" }, files)).toEqual([`ssh.privateKeyFile: ${text}`]);
  });

  it("refuses an encrypted key without its passphrase, and takes it with one", () => {
    for (const privateKey of [opensshKey(secret), pemKey("pkcs1", secret)]) {
      expect(withSsh({ privateKey })).toEqual([
        "ssh.privateKey: the key is encrypted and there is no passphrase. Give privateKeyPassphrase as a secret, or use an agent.",
      ]);
      expect(withSsh({ privateKey, privateKeyPassphrase: secret })).toEqual([]);
    }
  });

  it("resolves every kind to what SSH clients take", () => {
    const id = opensshKey("");
    const around = environment({ "admin.conf": "", id }, "/run/env-agent");
    const resolve = (ssh: object) => parseSettings(config({ ssh }), around).value?.ssh;
    const login = { user: "root", port: 22, parallelJoins: 10 };
    expect(resolve({ privateKeyFile: "id" })).toEqual({ ...login, credentials: { privateKey: id } });
    expect(resolve({ privateKey: pemKey("pkcs1"), user: "ops", port: 2222, parallelJoins: 3 })).toMatchObject(
      { user: "ops", port: 2222, parallelJoins: 3 },
    );
    expect(resolve({ agent: true })).toEqual({ ...login, credentials: { agentSocket: "/run/env-agent" } });
    expect(resolve({ agentSocket: "/a" })).toEqual({ ...login, credentials: { agentSocket: "/a" } });
    expect(resolve({ password: secret })).toEqual({ ...login, credentials: { password: secret } });
  });
});

describe("a private key's file that cannot be read", () => {
  const ssh = { privateKeyFile: "gone" };
  const text =
    'ssh.privateKeyFile: "gone" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.';

  it("is refused by an update", () => {
    expect(withSsh(ssh)).toEqual([text]);
  });

  it("J-A12 is left open by a preview, which says what is missing; its hosts' keys and other options still count", () => {
    const preview = { ...environment(), toleratesMissingKey: true };
    expect(parseSettings(config({ ssh }), preview).value?.ssh.credentials).toEqual({ missing: text });
    expect(withSsh({ ...ssh, knownHostsFile: "gone" }, preview)).toHaveLength(1);
  });
});

it("J-A11 a secret in pools is refused before any of it is stored", () => {
  expect(problemsOf({ ...config(), hasSecretInPools: true })).toEqual([
    "pools: a value in it is encrypted, but everything in pools is stored and shown in plain text. Look for `secure:` under nodepools:pools in Pulumi.<stack>.yaml and set that value without --secret; if it really is a secret, it does not belong here.",
  ]);
});
