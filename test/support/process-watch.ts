// Looks at the processes of a lab all the time, as anybody on its machines could, and remembers what they show.
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import type { Lab } from "../../lab/lab.ts";

const everyMilliseconds = 20;

/** What processes have shown so far, each text once. */
export interface ProcessWatch extends Disposable {
  /** Command lines of everything that runs in the lab: hosts, control plane, Pulumi and its plugins. */
  readonly commandLines: ReadonlySet<string>;
  /** Environments of everything that runs on the lab's hosts. */
  readonly hostEnvironments: ReadonlySet<string>;
}

/** Starts looking every 20 ms; a process that lives shorter than that may be missed. */
export function watchProcesses(lab: Lab): ProcessWatch {
  const commandLines = new Set<string>();
  const hostEnvironments = new Set<string>();
  const network = `net:[${statSync(lab.networkNamespace).ino}]`;
  const lookAt = (pid: string, commandLine: string): void => {
    const unit = new RegExp(`/${lab.name}/([^/\n]+)`).exec(readIfThere(`/proc/${pid}/cgroup`))?.[1];
    if (unit !== undefined || networkOf(pid) === network) commandLines.add(commandLine);
    if (/^w\d+$/.test(unit ?? "")) hostEnvironments.add(readIfThere(`/proc/${pid}/environ`));
  };
  let known = new Map<string, string>();
  const look = (): void => {
    const present = commandLinesByPid();
    for (const [pid, line] of present) if (known.get(pid) !== line) lookAt(pid, line);
    known = present;
  };
  const timer = setInterval(look, everyMilliseconds);
  return { commandLines, hostEnvironments, [Symbol.dispose]: () => clearInterval(timer) };
}

function commandLinesByPid(): Map<string, string> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(pids.map((pid) => [pid, readIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ")]));
}

// A process may end between any two looks at it.
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function networkOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return "";
  }
}
