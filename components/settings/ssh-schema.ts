// The shape of `nodepools:ssh`, field by field. Pure.
import { z } from "zod";
import { loginDefaults, parallelJoinsDefault } from "../model/defaults.ts";
import { mapOf, quotesTooMany, secretText, text, wholeNumber, wrongKind } from "./fields.ts";
import { addressFault, hostKeyFault, loginFault, stripKeyComment } from "./ssh-syntax.ts";

const filledIn = (given: string) =>
  given === "" ? "empty. Write a value, or leave the key out." : undefined;

const secretLine = secretText("a text, as a secret")
  .refine((given) => !/[\r\n]/.test(given), {
    error:
      "a line break is in it, which is part of no password. Remove it: a YAML block with | adds one, with |- not.",
  })
  .meta({ writeOnly: true });

// The credential for one SSH server; exactly one kind may be given, which is checked elsewhere.
const credentialFields = {
  /** Path of a private key, relative to the project's folder. Change effect: in place. */
  privateKeyFile: secretText("the path of a private key").optional(),
  /** Text of a private key, as a secret. Change effect: in place. */
  privateKey: secretText("the text of a private key, as a secret").optional(),
  /** Passphrase of the private key, as a secret. Change effect: in place. */
  privateKeyPassphrase: secretLine.optional(),
  /** True takes the keys of the SSH agent at $SSH_AUTH_SOCK. Change effect: in place. */
  agent: z
    .literal(true, {
      error: ({ input }) =>
        `${wrongKind(input, "true")}${quotesTooMany(input) || " Leave it out otherwise."}`,
    })
    .optional(),
  /** Path of an SSH agent's socket. Change effect: in place. */
  agentSocket: text("the path of an agent's socket", filledIn).optional(),
  /**
   * The one key of the agent that is used: its SHA256 fingerprint, its public half, or the path of its .pub file;
   * default: all, one by one. Change effect: in place.
   */
  agentKey: text("a fingerprint, a public key, or the path of one", filledIn).optional(),
  /** Login password, as a secret; a key is better. Change effect: in place. */
  password: secretLine.optional(),
};

/** Lists the credentials of which a login takes one. */
export const credentialKinds = ["privateKeyFile", "privateKey", "agent", "agentSocket", "password"] as const;

const bastionFields = {
  /** IP address or DNS name. Change effect: in place. */
  address: text("an IP address or a DNS name", addressFault),
  /** TCP port of its sshd; default 22, whatever `ssh.port` is. Change effect: in place. */
  port: wholeNumber("a TCP port", 1, 65535).default(loginDefaults.port),
  /** Login on it; default `ssh.user`. It needs no right but to forward connections. Change effect: in place. */
  user: text("a login name", loginFault).optional(),
  /** Its public key as `type base64`; default: found in `ssh.knownHostsFile`. Change effect: in place. */
  hostKey: text("the bastion's public key", hostKeyFault).transform(stripKeyComment).optional(),
  // Without a credential of its own it gets the hosts'.
  ...credentialFields,
};

const sshFields = {
  /** Login on every host that names none; default root. Any other needs passwordless sudo. Change effect: in place. */
  user: text("a login name", loginFault).default(loginDefaults.user),
  /** TCP port of sshd on every host that names none; default 22. Change effect: in place. */
  port: wholeNumber("a TCP port", 1, 65535).default(loginDefaults.port),
  ...credentialFields,
  /** Path of a known_hosts file with the keys of hosts that declare no hostKey. Change effect: in place. */
  knownHostsFile: text("the path of a known_hosts file", filledIn).optional(),
  /** Machine that carries the connections to all hosts; absent means direct ones. Change effect: in place. */
  bastion: mapOf(bastionFields, "a bastion with address").optional(),
  /** How many hosts may join at once, 1 to 100, while a fifth as many more are enrolled; default 10. Change effect: in place. */
  parallelJoins: wholeNumber("a whole number of joins", 1, 100).default(parallelJoinsDefault),
};

/** Schema of `nodepools:ssh`. */
export const sshSchema = mapOf(sshFields, "a map with a credential");

/** Lists the field names of `ssh` and of its bastion; their order is the order of messages. */
export const knownSshFields = { ssh: Object.keys(sshFields), bastion: Object.keys(bastionFields) };
