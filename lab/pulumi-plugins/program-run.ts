// Runs a Pulumi program in a Node process of its own, with the arguments and environment of the official host.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import type { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb.js";

/** How a program ended: an exit code, or the signal that ended it. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Milliseconds between the interrupt and the kill of a cancelled program (the official host's figure). */
const KILL_DELAY_MS = 5000;

/** Runs the program that `request` names and waits for its end; its output goes to this process's own. */
export async function runProgram(
  request: RunRequest,
  engineAddress: string,
  cancelled: AbortSignal,
): Promise<ProgramEnd> {
  const info = programOf(request);
  const argv = [
    ...nodeArguments(info),
    runScriptFor(info),
    ...programArguments(request, info, engineAddress),
  ];
  const child = spawn("node", argv, {
    cwd: info.getProgramDirectory(),
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...programEnvironment(request, info) },
  });
  const stop = () => {
    child.kill("SIGINT");
    setTimeout(() => child.kill("SIGKILL"), KILL_DELAY_MS).unref();
  };
  cancelled.addEventListener("abort", stop);
  try {
    const [code, signal] = await once(child, "close");
    return { code, signal };
  } finally {
    cancelled.removeEventListener("abort", stop);
  }
}

function programOf(request: RunRequest): ProgramInfo {
  const info = request.getInfo();
  if (!info) throw new Error(`running a program "${request.getProject()}": the engine named no program`);
  return info;
}

function runScriptFor(info: ProgramInfo): string {
  const directory = info.getProgramDirectory();
  try {
    return createRequire(`${directory}/`).resolve("@pulumi/pulumi/cmd/run");
  } catch (cause) {
    throw new Error(
      `running a program "${directory}": @pulumi/pulumi is not installed there. Run npm install.`,
      { cause },
    );
  }
}

function programArguments(request: RunRequest, info: ProgramInfo, engineAddress: string): string[] {
  const named: [string, string][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", info.getRootDirectory()],
    ["stack", request.getStack()],
    ["pwd", info.getProgramDirectory()],
    ["parallel", String(request.getParallel())],
  ];
  return [
    ...named.filter(([, value]) => value !== "").flatMap(([name, value]) => [`--${name}`, value]),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
}

function programEnvironment(request: RunRequest, info: ProgramInfo): Record<string, string> {
  const config = Object.fromEntries(request.getConfigMap().toArray());
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(runtimeOption(info, "typescript") === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
  };
}

function nodeArguments(info: ProgramInfo): string[] {
  const text = runtimeOption(info, "nodeargs");
  if (typeof text !== "string") return [];
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((word) => word[1] ?? word[2] ?? word[3] ?? "");
}

function runtimeOption(info: ProgramInfo, name: string): unknown {
  return info.getOptions()?.toJavaScript()[name];
}
