// How a program of this package runs on a host, whatever shell the login has and whatever greets it. Pure.
//
// The login shell gets one fixed, short command, which every shell reads alike. The program comes on stdin, and its own
// input after it. What it says stands between two marks; it has ended well only if it says so.
import { quoteForShell } from "./quote.ts";

// Every character of it has to mean itself in single quotes to fish, csh, zsh and the like: no quote, no backslash, no
// exclamation mark, no line break. `read` and `head` take no byte more than they are told to.
const loader = 'read -r size && program=$(head -c "$size") && eval "$program"';

/**
 * Returns the command that runs a program as root. The purpose is what stands beside it in process lists, in sudo's log
 * and in Pulumi's errors.
 */
export function loaderCommand(user: string, purpose: string): string {
  return rootCommand(user, loader, purpose);
}

/** Returns the command that runs such a text as root, with plain words as its arguments; the same goes for its purpose. */
export function rootCommand(
  user: string,
  text: string,
  purpose: string,
  ...words: readonly string[]
): string {
  const note = purpose.replace(/['\\!\n]/g, " ");
  const command = ["sh", "-c", quoteForShell(text), quoteForShell(note), ...words].join(" ");
  return user === "root" ? command : `sudo -n ${command}`;
}

/** Returns what the loader reads on stdin: the program, then its input. */
export function programInput(script: string, input = ""): string {
  return sizedProgram(rootProgram(script), input);
}

/** Puts the size of a program in bytes before it, so that what follows is not taken for it. */
export function sizedProgram(program: string, input: string): string {
  return `${Buffer.byteLength(program)}\n${program}${input}`;
}

/**
 * Returns the program that runs a script. One that was cut off is no whole block and runs not at all; neither does one
 * that is not root's. The marks are put together on the host, so that an echo of this text is none.
 */
export function rootProgram(script: string): string {
  return `{
nodepools_program() {
${script}
}
umask 022
if [ -O / ]; then user=root; else user=$(id -un); fi
printf '\n[%s] begins as %s\n' nodepools "$user"
[ "$user" = root ] || exit 77
(nodepools_program)
ended=$?
printf '[%s] ends with status %s\n' nodepools "$ended"
exit "$ended"
}
`;
}

/** What came back on stdout. */
export interface Reply {
  /** What was said before the program began: greetings, or the refusal of a host that runs no program. */
  readonly before: string;
  /** Whose the program is; undefined when it did not begin. */
  readonly user?: string;
  /** What the program said. */
  readonly stdout: string;
  /** Its exit status by its own word; undefined when it did not come to its end. */
  readonly status?: number;
}

/** Finds the program's own words in what came back on stdout. */
export function readReply(text: string): Reply {
  const beginning = /\n\[nodepools\] begins as (\S+)\n/.exec(text);
  if (beginning === null) return { before: text, stdout: "" };
  const [mark, user = ""] = beginning;
  const before = text.slice(0, beginning.index);
  const said = text.slice(beginning.index + mark.length);
  const at = said.lastIndexOf("[nodepools] ends with status ");
  const ending = /^\[nodepools\] ends with status (\d+)\n?/.exec(at < 0 ? "" : said.slice(at));
  if (ending === null) return { before, user, stdout: said };
  return { before, user, stdout: said.slice(0, at), status: Number(ending[1]) };
}
