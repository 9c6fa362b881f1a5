// What proves the program's identity to a host's SSH server. Pure.

/** Holds the secrets of one SSH login; at least one of key, password and agent is set. */
export interface SshCredentials {
  /** Private key text in OpenSSH or PEM form. */
  readonly privateKey?: string;
  /** Passphrase of an encrypted private key. */
  readonly passphrase?: string;
  readonly password?: string;
  /** Path of an agent's Unix socket. */
  readonly agentSocket?: string;
}
