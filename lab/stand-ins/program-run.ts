// Runs a Pulumi program in a Node process of its own, with the arguments and environment of the official host.
import type { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb.js";
import type { OutputLog } from "./engine-log.ts";
import { nodeArguments, type ProcessEnd, runNode, runtimeOption, scriptOf } from "./node-process.ts";

/** Runs the program that `request` names and waits for its end; its output goes to `log`, or to this process's own. */
export async function runProgram(
  request: RunRequest,
  engineAddress: string,
  cancelled: AbortSignal,
  log?: OutputLog,
): Promise<ProcessEnd> {
  const info = programOf(request);
  const argv = [
    ...nodeArguments(info),
    scriptOf(info, "run"),
    ...programArguments(request, info, engineAddress),
  ];
  return runNode(
    argv,
    {
      cwd: info.getProgramDirectory(),
      stdio: log === undefined ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...programEnvironment(request, info) },
    },
    cancelled,
    ({ stdout, stderr }) => {
      stdout?.on("data", (bytes: Buffer) => log?.("out", String(bytes)));
      stderr?.on("data", (bytes: Buffer) => log?.("err", String(bytes)));
    },
  );
}

function programOf(request: RunRequest): ProgramInfo {
  const info = request.getInfo();
  if (!info) throw new Error(`running a program "${request.getProject()}": the engine named no program`);
  return info;
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
