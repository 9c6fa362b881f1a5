// The credentials for SSH servers, and the bastion on the way to the hosts. Pure.
import type { HostAddress } from "../model/host.ts";

/** Holds the secrets of one SSH login; at least one of key, password and agent is set, or `missing`. */
export interface LoginSecrets {
  /** In a preview only: why there is no secret. Nothing can log in with it. */
  readonly missing?: string;
  /** Private key text in OpenSSH or PEM form. */
  readonly privateKey?: string;
  /** Passphrase of an encrypted private key. */
  readonly passphrase?: string;
  readonly password?: string;
  /** Path of an agent's Unix socket. */
  readonly agentSocket?: string;
  /** Fingerprint (`SHA256:…`) of the one key of the agent that is used; absent offers all, one by one. */
  readonly agentKey?: string;
}

/** Describes the machine that carries every connection to a host. */
export interface Bastion {
  readonly server: HostAddress;
  readonly secrets: LoginSecrets;
}

/** Holds what opens the way to every host: the secrets of the login there, and the bastion if there is one. */
export interface SshCredentials extends LoginSecrets {
  readonly bastion?: Bastion;
}
