// Private keys as people and CI systems hand them over: what one of the two parsers would refuse later is refused now.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parseSettings } from "../../../components/settings/parse-settings.ts";
import { config, environment, problemsOf } from "./declared.ts";

const passphrase = "correct-horse-battery-staple";

function keyPair(...options: readonly string[]): { key: string; publicKey: string } {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "key");
  const type = options.includes("-t") ? [] : ["-t", "ed25519"];
  execFileSync("ssh-keygen", ["-q", "-N", "", ...type, ...options, "-f", file]);
  return { key: readFileSync(file, "utf8"), publicKey: readFileSync(`${file}.pub`, "utf8") };
}

/** What a key is after the command that a refusal prints; its questions are answered with the passphrase. */
function asConverted(key: string, refusal: string, answer: string): string {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "key");
  writeFileSync(file, key, { mode: 0o600 });
  const [, command = ""] = /`(ssh-keygen -p [^`]+)`/.exec(refusal) ?? [];
  const answers = `-q -P '${answer}' -N '${answer}'`;
  execFileSync("sh", ["-c", `${command.replace("<file>", file)} ${answers}`], { stdio: "pipe" });
  return readFileSync(file, "utf8");
}

const refusalOf = (ssh: object) => problemsOf(config({ ssh })).join("\n");

const setFromFile =
  "Give the file itself by privateKeyFile, or set the text from the file: `pulumi config set --secret --path nodepools:ssh.privateKey < <file>`.";

it.each<[string, (pair: ReturnType<typeof keyPair>) => string, string]>([
  [
    "with spaces in place of its line breaks",
    ({ key }) => key.replaceAll("\n", " "),
    `its line breaks are gone: it is one long line, as some CI systems make of a secret. ${setFromFile}`,
  ],
  [
    "without its line breaks",
    ({ key }) => key.replaceAll("\n", ""),
    `its line breaks are gone: it is one long line, as some CI systems make of a secret. ${setFromFile}`,
  ],
  [
    "with \\n in place of its line breaks",
    ({ key }) => key.replaceAll("\n", "\\n"),
    `its line breaks are written as \\n. ${setFromFile}`,
  ],
  [
    "in base64",
    ({ key }) => Buffer.from(key).toString("base64"),
    `it is the base64 of a key. Decode it (base64 -d). ${setFromFile}`,
  ],
  [
    "that is the public one",
    ({ publicKey }) => publicKey,
    "it is a public key. Give the private one: the file beside it, without .pub.",
  ],
  [
    "in PuTTY's format",
    () => "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n",
    "it is in PuTTY's format. Convert it: `puttygen <file> -O private-openssh -o id_hosts`.",
  ],
  [
    "of TLS",
    () => "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n",
    "it is a certificate, not a private key. Give the SSH key.",
  ],
])("J-C17 a key %s is refused with the way to mend it", (_case, spoil, text) => {
  const privateKey = spoil(keyPair());
  expect(refusalOf({ privateKey })).toBe(`ssh.privateKey: ${text}`);
});

it("J-C17 a key that lost its middle is refused, without showing it", () => {
  const { key } = keyPair("-t", "rsa");
  const lines = key.split("\n");
  const text = refusalOf({ privateKey: [...lines.slice(0, 6), ...lines.slice(-3)].join("\n") });
  expect(text).toMatch(/^ssh\.privateKey: it cannot be read: .*\. Was it cut off\? /);
  expect(text).not.toContain(lines[3]);
});

it.each([
  ["CRLF", (key: string) => key.replaceAll("\n", "\r\n")],
  ["no line break at its end", (key: string) => key.trimEnd()],
])("J-C17 a key with %s, which every parser reads, is taken", (_case, change) => {
  expect(refusalOf({ privateKey: change(keyPair().key) })).toBe("");
});

describe("J-C17 a passphrase", () => {
  it("that does not open the key is refused, in both forms of keys", () => {
    for (const form of [[], ["-m", "PEM", "-t", "rsa"]]) {
      const { key } = keyPair("-N", passphrase, ...form);
      expect(refusalOf({ privateKey: key, privateKeyPassphrase: passphrase })).toBe("");
      expect(refusalOf({ privateKey: key, privateKeyPassphrase: "other" })).toMatch(
        /^ssh\.privateKey: privateKeyPassphrase does not open it \(.*\)\. Try it: `ssh-keygen -y -f <file>`\.$/,
      );
    }
  });

  it("beside a key that is not encrypted is refused: the join command takes no such pair", () => {
    expect(refusalOf({ privateKey: keyPair().key, privateKeyPassphrase: passphrase })).toBe(
      "ssh.privateKey: the key is not encrypted, and a passphrase is given: the join command would refuse the two together. Remove privateKeyPassphrase.",
    );
  });

  it("with a cipher that the join command does not know is refused, until it is encrypted anew", () => {
    const { key } = keyPair("-N", passphrase, "-Z", "aes128-ctr");
    const refusal = refusalOf({ privateKey: key, privateKeyPassphrase: passphrase });
    expect(refusal).toBe(
      "ssh.privateKey: the key is encrypted with aes128-ctr, which the join command cannot read. Encrypt it anew: `ssh-keygen -p -Z aes256-ctr -f <file>`.",
    );
    const privateKey = asConverted(key, refusal, passphrase);
    expect(refusalOf({ privateKey, privateKeyPassphrase: passphrase })).toBe("");
  });
});

it("in a form that only one of the two reads is refused, until it is converted", () => {
  const { key } = keyPair("-t", "ecdsa", "-m", "PKCS8");
  const refusal = refusalOf({ privateKey: key });
  expect(refusal).toMatch(/^ssh\.privateKey: not a private key in OpenSSH or PEM/);
  expect(refusalOf({ privateKey: asConverted(key, refusal, "") })).toBe("");
});

describe("J-C14 one key of an agent", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-key-"));
  execFileSync("ssh-keygen", ["-q", "-N", "", "-t", "ed25519", "-f", join(folder, "id")]);
  const [key, publicKey] = ["id", "id.pub"].map((name) => readFileSync(join(folder, name), "utf8")) as [
    string,
    string,
  ];
  const fingerprint =
    execFileSync("ssh-keygen", ["-lf", join(folder, "id")])
      .toString()
      .split(" ")[1] ?? "";
  rmSync(folder, { recursive: true });
  const files = environment({ "admin.conf": "", "id.pub": publicKey, id: key }, "/run/agent");
  const refusal = (ssh: object) => problemsOf(config({ ssh }), files).join("\n");

  it.each([fingerprint, publicKey, publicKey.split(" ", 2).join(" "), "id.pub"])(
    "is named by %j",
    (agentKey) => {
      const { value } = parseSettings(config({ ssh: { agent: true, agentKey } }), files);
      expect(value?.ssh.credentials).toEqual({ agentSocket: "/run/agent", agentKey: fingerprint });
    },
  );

  it.each([
    [
      { agent: true, agentKey: "SHA256:abc" },
      'ssh.agentKey: "SHA256:abc" is not a whole fingerprint. Give it as `ssh-add -l` shows it.',
    ],
    [
      { agent: true, agentKey: `MD5${":a0".repeat(16)}` },
      "ssh.agentKey: a fingerprint by MD5. Give the one by SHA256, as `ssh-add -l -E sha256` shows it.",
    ],
    [
      { agent: true, agentKey: "ssh-ed25519 AAAAC3Nz" },
      "ssh.agentKey: not a whole public key. Copy it again: `ssh-add -L` prints it.",
    ],
    [{ agent: true, agentKey: "id" }, 'ssh.agentKey: "id" has no public key. Give the .pub file of the key.'],
    [
      { agent: true, agentKey: "gone.pub" },
      'ssh.agentKey: "gone.pub" cannot be read: no such file. Paths are relative to the project\'s folder: correct the path, or create the file.',
    ],
    [
      { password: "p", agentKey: "id.pub" },
      "ssh.agentKey: there is no agent that could hold it. Remove it, or give agent: true.",
    ],
  ])("is refused as %j", (ssh, text) => {
    expect(refusal(ssh)).toBe(text);
  });
});
