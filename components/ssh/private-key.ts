// Whether a private key opens logins: it is read by ssh2, with which the program itself logs in, and by Go's
// x/crypto/ssh, with which @pulumi/command runs the join. What one of them refuses would fail after a token was minted.
import { createRequire } from "node:module";

type Parsers = typeof import("ssh2");

const header = /-----BEGIN ([A-Z0-9 ]+)-----/;
const opensshKey = /^-----BEGIN OPENSSH PRIVATE KEY-----\s([\s\S]+)\s-----END OPENSSH PRIVATE KEY-----\s*$/;
const pemKey = /^-----BEGIN (RSA|EC) PRIVATE KEY-----\s([\s\S]+)\s-----END \1 PRIVATE KEY-----\s*$/;

/** Ciphers that Go's parser knows (ssh/keys.go, passphraseProtectedOpenSSHKey). */
const ciphersOfGo = ["aes256-ctr", "aes256-cbc"];

const fromFile =
  "Give the file itself by privateKeyFile, or set the text from the file: `pulumi config set --secret --path nodepools:ssh.privateKey < <file>`.";

/** Tells why a private key cannot be used, with the remedy; undefined when it can. Never shows a part of it. */
export function privateKeyFault(key: string, passphrase: string | undefined): string | undefined {
  const found = formFault(key.trim());
  if (found !== undefined) return found;
  const cipher = cipherOf(key);
  if (cipher === undefined)
    return "not a private key in OpenSSH or PEM (RSA, EC) form. Give the file that ssh-keygen wrote, without .pub; `ssh-keygen -p -f <file>` converts others.";
  if (cipher !== "none" && passphrase === undefined)
    return "the key is encrypted and there is no passphrase. Give privateKeyPassphrase as a secret, or use an agent.";
  if (cipher === "none" && passphrase !== undefined)
    return "the key is not encrypted, and a passphrase is given: the join command would refuse the two together. Remove privateKeyPassphrase.";
  if (key.includes("OPENSSH") && cipher !== "none" && !ciphersOfGo.includes(cipher))
    return `the key is encrypted with ${cipher}, which the join command cannot read. Encrypt it anew: \`ssh-keygen -p -Z aes256-ctr -f <file>\`.`;
  return parserFault(key, passphrase);
}

/** Names what was given in place of a private key that can be read. */
function formFault(key: string): string | undefined {
  const kind = header.exec(key)?.[1];
  if (/^(ssh|ecdsa|sk)-\S+ +AAAA/.test(key) || kind?.includes("PUBLIC KEY"))
    return "it is a public key. Give the private one: the file beside it, without .pub.";
  if (kind?.includes("CERTIFICATE")) return "it is a certificate, not a private key. Give the SSH key.";
  if (key.startsWith("PuTTY-User-Key-File"))
    return "it is in PuTTY's format. Convert it: `puttygen <file> -O private-openssh -o id_hosts`.";
  if (Buffer.from(key, "base64").toString("latin1").startsWith("-----BEGIN "))
    return `it is the base64 of a key. Decode it (base64 -d). ${fromFile}`;
  if (kind === undefined || key.includes("\n")) return undefined;
  return key.includes("\\n")
    ? `its line breaks are written as \\n. ${fromFile}`
    : `its line breaks are gone: it is one long line, as some CI systems make of a secret. ${fromFile}`;
}

/** Returns the cipher of a key in one of the forms that both parsers read, "none" without one. */
function cipherOf(key: string): string | undefined {
  const pem = pemKey.exec(key);
  if (pem) return pem[2]?.includes("ENCRYPTED") ? "PEM" : "none";
  const bytes = Buffer.from(opensshKey.exec(key)?.[1] ?? "", "base64");
  // Format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
  const magic = "openssh-key-v1\0";
  if (!bytes.toString("latin1").startsWith(magic) || bytes.length < magic.length + 4) return undefined;
  const cipherAt = magic.length + 4;
  return bytes.toString("latin1", cipherAt, cipherAt + bytes.readUInt32BE(magic.length));
}

function parserFault(key: string, passphrase: string | undefined): string | undefined {
  // Loaded when a key is there: most commands of a program with an agent never need it.
  const { utils } = createRequire(import.meta.url)("ssh2") as Parsers;
  const parsed = utils.parseKey(key, passphrase);
  if (!(parsed instanceof Error)) return undefined;
  return passphrase === undefined
    ? `it cannot be read: ${parsed.message}. Was it cut off? ${fromFile}`
    : `privateKeyPassphrase does not open it (${parsed.message}). Try it: \`ssh-keygen -y -f <file>\`.`;
}
