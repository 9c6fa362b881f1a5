// A logged-in connection to one host that runs scripts as root.
import type { Client } from "ssh2";
import { systemClock } from "../model/clock.ts";
import { durations } from "../model/durations.ts";
import { lastLines, nextLine, oneLine } from "../model/foreign-text.ts";
import type { HostAddress } from "../model/host.ts";
import { throughBastion } from "./bastion.ts";
import type { SshCredentials } from "./credentials.ts";
import { dialPatiently } from "./dial-patiently.ts";
import { type Ending, execute, outputLimit } from "./execute.ts";
import { explainOtherUser, explainRefusal } from "./first-answer.ts";
import { loaderCommand, programInput, readReply } from "./program.ts";
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
   * Throws an SshError of kind "login", "sudo", "script", "timeout" or "disconnected".
   */
  run(script: string, options: RunOptions): Promise<{ stdout: string; stderr: string }>;
}

/** Narrows how a session is opened. */
export interface SessionOptions {
  /** Limit for one attempt to connect and log in. @defaultValue 15 */
  readonly dialTimeoutSeconds?: number;
}

const shownLines = 12;

/**
 * Opens a session to a host whose key is pinned, through the bastion if there is one; throws an SshError of kind
 * "bastion", "unreachable", "dropped", "algorithms", "host-key" or "authentication".
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
  return new RootSession(host, client);
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

  async run(script: string, options: RunOptions): Promise<{ stdout: string; stderr: string }> {
    const { task, stdin = "", timeoutSeconds } = options;
    const command = loaderCommand(this.#host.user, `nodepools: ${task}`);
    const ending = await execute(this.#client, command, programInput(script, stdin), timeoutSeconds);
    if (ending.kind !== "exit") throw this.#failure(task, timeoutSeconds, ending);
    const { user, stdout, status } = readReply(ending.stdout);
    if (user === undefined) throw explainRefusal(this.#host, { ...ending, ...(await this.#loginShell()) });
    if (user !== "root") throw explainOtherUser(this.#host, user);
    if (status !== 0) throw this.#failure(task, timeoutSeconds, ending);
    return { stdout, stderr: ending.stderr };
  }

  /** The one other thing that every shell answers to. */
  async #loginShell(): Promise<{ readonly shell?: string }> {
    const ending = await execute(this.#client, "echo $SHELL", "", durations.ssh.loginShell);
    const [shell] = (ending.kind === "exit" && /\/\S+$/.exec(ending.stdout.trim())) || [];
    return shell === undefined ? {} : { shell: oneLine(shell) };
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
      case "exit": {
        const { status } = readReply(ending.stdout);
        const end =
          status === undefined ? `cut short with exit status ${ending.code}` : `exit status ${status}`;
        return new SshError("script", `${what}: ${end}: ${lastWords(ending)}`, {
          exitCode: status ?? ending.code,
        });
      }
      case "signal":
        return new SshError(
          "script",
          `${what}: ended by signal ${oneLine(ending.signal)}: ${lastWords(ending)}`,
        );
      case "deadline":
        return new SshError(
          "timeout",
          `${what}: not finished after ${timeoutSeconds} s; last output: ${lastWords(ending)}. ` +
            "The script may still be running on the host; run again when it has ended.",
        );
      case "flood":
        return new SshError(
          "script",
          `${what}: it wrote more than ${outputLimit / 1024} KiB to ${ending.stream}, so the session was cut off. Find out what prints that much on the host.`,
        );
      case "disconnected":
        return new SshError(
          "disconnected",
          `${what}: the connection was lost${ending.cause === undefined ? "" : ` (${oneLine(ending.cause.message)})`}; ` +
            "whether the script finished is unknown. Check the host and its network, then run again: every step can be repeated.",
          { cause: ending.cause },
        );
    }
  }
}

/** The last lines on stderr; those on stdout where there are none. */
function lastWords({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }): string {
  const [errors, said] = [stderr, readReply(stdout).stdout].map((text) => lastLines(text, shownLines));
  return (errors?.length ? errors : said)?.join(nextLine) || "(nothing)";
}
