// What an address and a host key look like. Pure; each rule returns what is wrong, or nothing.
import { isIP } from "node:net";
import { show } from "./problem.ts";

const dnsName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;

/** Public key types that a host may prove itself with, in the order in which one is chosen from a known_hosts file. */
export const hostKeyTypes = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
] as const;

// @pulumi/command 1.2.1 asks for exactly the pinned type, which for an RSA key means a signature with SHA-1, and OpenSSH
// gives none since 8.8: every join would fail once its token was minted.
const rsaText =
  "an RSA key, with which Pulumi's command plugin, which runs the joins, trusts no server; allowed: the machine's ssh-ed25519 or ecdsa-sha2-nistp256 key. If it has none: run `ssh-keygen -A` there, name the new key in its sshd_config where that names keys (HostKey), and restart sshd.";

/** Refuses what is neither an IP address nor a DNS name. */
export function addressFault(address: string): string | undefined {
  const isNumeric = /^[\d.]+$/.test(address);
  if (isIP(address) !== 0 || (!isNumeric && dnsName.test(address))) return undefined;
  return `${show(address)} is not an address; allowed: an IP address or a DNS name, without user, port or brackets. Login and port go to user and port.`;
}

/** Refuses what is no login name, such as one with the host's name after it. */
export function loginFault(login: string): string | undefined {
  if (login === "") return "empty. Write a value, or leave the key out.";
  // Directories have logins such as `ann@corp.example`.
  const isWithHost = isIP(login.split("@").at(-1) ?? "") !== 0;
  if (!isWithHost && !/[\s:]/.test(login)) return undefined;
  return `${show(login)} is not a login name; allowed: the name alone, without spaces and ":". Where it logs in to goes to address and port.`;
}

/** Refuses a host key that is not `type base64`, or whose content is of another type than it says. */
export function hostKeyFault(hostKey: string): string | undefined {
  const [type = "", base64 = ""] = hostKey.split(" ");
  if (type === "ssh-rsa" && typeInside(base64) === type) return rsaText;
  if (!hostKeyTypes.some((known) => known === type)) {
    return `${show(hostKey)} is not a host key; allowed: "type base64" with a type of ${hostKeyTypes.join(", ")}, without the host's name. ssh-keyscan prints it after the address.`;
  }
  if (typeInside(base64) === type) return undefined;
  return `the base64 part is not a key of type ${type}; allowed: the whole text of the key. Copy it again, for example from /etc/ssh/ssh_host_*_key.pub on the machine.`;
}

/** Returns the key as `type base64`, without the comment that .pub files end with. */
export function stripKeyComment(hostKey: string): string {
  return hostKey.split(" ", 2).join(" ");
}

/** Reads the type that a public key's bytes start with: a length and a text (RFC 4253, section 6.6). */
function typeInside(base64: string): string | undefined {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64 || bytes.length < 4) return undefined;
  const end = 4 + bytes.readUInt32BE(0);
  return bytes.length > end ? bytes.toString("latin1", 4, end) : undefined;
}
