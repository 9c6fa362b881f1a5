// Runs the CLI and watches the processor time and memory of every process that it starts.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { type PartName, parts, type RunCost } from "./results.ts";

/** The CLI, its arguments and where it runs. */
export interface CliRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutSeconds: number;
}

/** The kernel's ticks in a second, as it shows times in /proc: USER_HZ, which is 100 everywhere. */
const ticks = 100;
const sampleMs = 50;
/** What all share is asked of the kernel more seldom: it walks every page for that. */
const samplesPerSum = 10;

interface Seen {
  readonly part: PartName;
  readonly cpu: number;
  readonly peak: number;
}

/** Runs it to its end; throws with its last words when it fails. What a process spends after its last sample is not seen. */
export async function watchRun({ argv, cwd, env, timeoutSeconds }: CliRun): Promise<RunCost> {
  const begun = performance.now();
  const [command = "", ...args] = argv;
  // A run that outlived a killed benchmark would go on.
  const child = spawn("setpriv", ["--pdeathsig=KILL", "--", command, ...args], {
    cwd,
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutSeconds * 1000,
    killSignal: "SIGKILL",
  });
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      words = (words + text).slice(-4000);
    });
  const seen = new Map<number, Seen>();
  let [memoryOfAll, samples] = [0, 0];
  const timer = setInterval(() => {
    const now = sample(child.pid ?? 0);
    for (const [pid, one] of now) seen.set(pid, one);
    if (samples++ % samplesPerSum === 0) memoryOfAll = Math.max(memoryOfAll, shareOfAll([...now.keys()]));
  }, sampleMs);
  const status = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (status !== 0) throw new Error(`running pulumi ${args[0]}: it ended with ${status}:\n${words}`);
  return { ...sums([...seen.values()]), memoryOfAll, seconds: (performance.now() - begun) / 1000 };
}

function sums(processes: readonly Seen[]): Pick<RunCost, "cpu" | "memory"> {
  const of = (part: PartName) => processes.filter((one) => one.part === part);
  const each = (figure: (part: PartName) => number) =>
    Object.fromEntries(parts.map((part) => [part, figure(part)])) as Record<PartName, number>;
  return {
    cpu: each((part) => of(part).reduce((sum, { cpu }) => sum + cpu, 0)),
    memory: each((part) => Math.max(0, ...of(part).map(({ peak }) => peak))),
  };
}

/** Reads every process below one, that one included. */
function sample(root: number): Map<number, Seen> {
  const parents = new Map<number, { parent: number; cpu: number }>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : undefined;
    if (stat !== undefined) parents.set(pid, stat);
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)?.parent)
      if (at === root) return true;
    return false;
  };
  const found = new Map<number, Seen>();
  for (const [pid, { cpu }] of parents) {
    if (!isBelow(pid)) continue;
    const peak = peakOf(pid);
    if (peak !== undefined) found.set(pid, { part: partOf(pid), cpu, peak });
  }
  return found;
}

function statOf(pid: number): { parent: number; cpu: number } | undefined {
  const stat = read(`/proc/${pid}/stat`);
  // The second field is a name in parentheses that may hold spaces.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields === undefined) return undefined;
  return { parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) / ticks };
}

function peakOf(pid: number): number | undefined {
  return kibibytes(`/proc/${pid}/status`, "VmHWM");
}

/** What these processes have in memory; a page that several of them have, as of one program, counts once. */
function shareOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (kibibytes(`/proc/${pid}/smaps_rollup`, "Pss") ?? 0), 0);
}

/** Reads a line of a /proc file that gives kibibytes, in bytes. */
function kibibytes(file: string, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(read(file) ?? "")?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
}

/** The language host only starts the program; its own share counts as the program's. */
function partOf(pid: number): PartName {
  const command = read(`/proc/${pid}/cmdline`) ?? "";
  if (/dynamic-provider|resource-/.test(command) || /stand-ins\/(command|kubernetes)/.test(command))
    return "providers";
  return /@pulumi\/pulumi\/cmd\/run|language-/.test(command) ? "program" : "engine";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // It ended meanwhile.
    return undefined;
  }
}
