// A logged-in connection to one host that runs scripts as root.
import type { Client } from "ssh2";
import { systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { lastLines } from "../model/foreign-text.ts";
import type { HostAddress } from "../model/host.ts";
import { throughBastion } from "./bastion.ts";
import type { SshCredentials } from "./credentials.ts";
import { dialPatiently } from "./dial-patiently.ts";
import { type Ending, execute, outputLimit } from "./execute.ts";
import { quoteForShell } from "./quote.ts";
import { describeHost, SshError } from "./ssh-error.ts";
import { hostTarget } from "./target.ts";

/** Says how one script is run. */
export interface RunOptions {
  /** Text for the script's standard input; the only place for secrets. */
  readonly stdin?: string;
  /** Limit for the whole run. */
  readonly timeoutSeconds: number;
  /** What the script does, for messages: `inspect`, `reset`. */
  readonly task: string;
}

/** Runs scripts as root on one host over one connection. */
export interface SshSession extends AsyncDisposable {
  /**
   * Runs POSIX sh text as root and returns what it wrote.
   * Throws an SshError of kind "script", "sudo", "timeout" or "disconnected".
   */
  run(script: string, options: RunOptions): Promise<{ stdout: string; stderr: string }>;
}

/** Narrows how a session is opened. */
export interface SessionOptions {
  /** Limit for one attempt to connect and log in. @defaultValue 15 */
  readonly dialTimeoutSeconds?: number;
}

const shownStderrLines = 12;

/**
 * Opens a session to a host whose key is pinned, through the bastion if there is one; throws an SshError of kind
 * "bastion", "unreachable", "dropped", "host-key", "authentication" or "sudo".
 */
export async function openSession(
  host: HostAddress,
  credentials: SshCredentials,
  options: SessionOptions = {},
): Promise<SshSession> {
  const { bastion, ...secrets } = credentials;
  const target = bastion === undefined ? hostTarget(host) : throughBastion(bastion, host);
  const client = await dialPatiently(target, secrets, options.dialTimeoutSeconds ?? durations.ssh.dial);
  // Errors after login reach the running script through "close"; unheard they would end the process.
  client.on("error", () => undefined);
  const session = new RootSession(host, client);
  try {
    await session.requireRoot();
  } catch (error) {
    client.end();
    throw error;
  }
  return session;
}

class RootSession implements SshSession {
  readonly #host: HostAddress;
  readonly #client: Client;
  readonly #closed: Promise<void>;

  constructor(host: HostAddress, client: Client) {
    this.#host = host;
    this.#client = client;
    this.#closed = new Promise((resolve) => client.once("close", () => resolve()));
  }

  async requireRoot(): Promise<void> {
    if (this.#host.user === "root") {
      return;
    }
    const ending = await execute(this.#client, "sudo -n true", "", durations.ssh.sudo);
    if (ending.kind === "exit" && ending.code === 0) {
      return;
    }
    if (ending.kind !== "exit") {
      throw this.#failure("becoming root", durations.ssh.sudo, ending);
    }
    throw new SshError(
      "sudo",
      `becoming root on host "${describeHost(this.#host)}": sudo without a password was refused: ${lastWords(ending.stderr)}. ` +
        `Allow it with the sudoers line "${this.#host.user} ALL=(root) NOPASSWD: ALL".`,
    );
  }

  async run(script: string, options: RunOptions): Promise<{ stdout: string; stderr: string }> {
    const sh = `sh -c ${quoteForShell(script)}`;
    const command = this.#host.user === "root" ? sh : `sudo -n ${sh}`;
    const ending = await execute(this.#client, command, options.stdin ?? "", options.timeoutSeconds);
    if (ending.kind === "exit" && ending.code === 0) {
      return { stdout: ending.stdout, stderr: ending.stderr };
    }
    throw this.#failure(options.task, options.timeoutSeconds, ending);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.end();
    const stop = new AbortController();
    const late = systemClock.sleep(durations.ssh.close, stop.signal).catch(() => undefined);
    await Promise.race([this.#closed, late]);
    stop.abort();
    this.#client.destroy();
  }

  #failure(task: string, timeoutSeconds: number, ending: Ending): SshError {
    const what = `${task} on host "${describeHost(this.#host)}"`;
    switch (ending.kind) {
      case "exit":
        return new SshError("script", `${what}: exit status ${ending.code}: ${lastWords(ending.stderr)}`, {
          exitCode: ending.code,
        });
      case "signal":
        return new SshError(
          "script",
          `${what}: ended by signal ${ending.signal}: ${lastWords(ending.stderr)}`,
        );
      case "deadline":
        return new SshError(
          "timeout",
          `${what}: no end after ${timeoutSeconds} s; last seen: ${lastWords(ending.stderr)}. ` +
            "The script may still be running on the host; run again when it has ended.",
        );
      case "flood":
        return new SshError(
          "script",
          `${what}: it wrote more than ${outputLimit / 1024} KiB to ${ending.stream}, and was not listened to any longer. Look at what prints there on the host.`,
        );
      case "disconnected":
        return new SshError(
          "disconnected",
          `${what}: the connection was lost${ending.cause === undefined ? "" : ` (${ending.cause.message})`}; ` +
            "whether the script finished is unknown. Check the host and its network, then run again: every step can be repeated.",
          { cause: ending.cause },
        );
    }
  }
}

function lastWords(stderr: string): string {
  return lastLines(stderr, shownStderrLines) || "(nothing on stderr)";
}
