// What a host that runs no program of ours says instead, in its own words, with a remedy where one is known. Pure.
import { lastLines, nextLine, oneLine } from "../model/foreign-text.ts";
import type { HostAddress } from "../model/host.ts";
import { describeHost, SshError } from "./ssh-error.ts";

/** What was heard of a host before any program of ours began. */
export interface Refusal {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The login's shell, if it answers to anything. */
  readonly shell?: string;
}

const shownLines = 12;

/** Words why nothing runs on a host. */
export function explainRefusal(host: HostAddress, refusal: Refusal): SshError {
  const words = [refusal.stdout, refusal.stderr].flatMap((text) => lastLines(text, shownLines));
  const said = words.join(nextLine) || "(nothing)";
  const shell = refusal.shell === undefined ? "" : ` (login shell ${refusal.shell})`;
  const where = `host "${describeHost(host)}"`;
  const bySudo = host.user !== "root" && /sudo/i.test(refusal.stderr);
  if (bySudo) {
    const text = `becoming root on ${where}: sudo did not run a program${shell}; it said: ${said}`;
    return new SshError("sudo", withRemedy(text, sudoRemedy(host.user, refusal.stderr)));
  }
  const text = `logging in to ${where}: the login was accepted, but no program runs there${shell}: exit status ${refusal.code}; the host said: ${said}`;
  return new SshError("login", withRemedy(text, loginRemedy(words.join("\n"))));
}

/** Words that programs run, but not as root. */
export function explainOtherUser(host: HostAddress, user: string): SshError {
  const where = `becoming root on host "${describeHost(host)}"`;
  return host.user === "root"
    ? new SshError(
        "login",
        `${where}: programs run there as "${oneLine(user)}". Set ssh.user to another login`,
      )
    : new SshError(
        "sudo",
        `${where}: sudo runs programs as "${oneLine(user)}", not as root. Take runas_default out of its sudoers`,
      );
}

function withRemedy(text: string, remedy: string | undefined): string {
  return remedy === undefined ? text : `${text.replace(/\.$/, "")}. ${remedy}`;
}

function sudoRemedy(user: string, stderr: string): string | undefined {
  if (/must have a tty|tty.*required to run/i.test(stderr))
    return `Allow it without a terminal: the sudoers line "Defaults:${user} !requiretty"`;
  if (/not found|unknown command|no such file/i.test(stderr))
    return "Install sudo there, or set ssh.user to root";
  if (/password|authentication|not in the sudoers|not allowed|may not run/i.test(stderr))
    return `Allow it without a password: the sudoers line "${user} ALL=(root) NOPASSWD: ALL"`;
  return undefined;
}

function loginRemedy(said: string): string | undefined {
  const [, user] = /login as the user "?([a-z_][a-z0-9_-]*)"?/i.exec(said) ?? [];
  if (user !== undefined) return `Set ssh.user to "${user}"`;
  if (/account is (currently )?not available|nologin/i.test(said))
    return "Give that login a shell, or set ssh.user to one that has one";
  if (/password.*(expired|change)|change your password/i.test(said))
    return "Change the password of that login on the host";
  return undefined;
}
