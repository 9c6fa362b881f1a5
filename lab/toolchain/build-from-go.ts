// Builds tools from their Go modules; go.sum in the module's folder pins every source file.
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { captureCommand } from "../processes/run-command.ts";
import { formatElapsed } from "../progress.ts";
import { followCommand } from "./follow-command.ts";
import { makeStagingFolder, putIntoCache } from "./tool-cache.ts";
import type { Toolchain } from "./toolchain.ts";
import { type GoModule, type ToolName, tools } from "./tools.ts";

type Note = (text: string) => void;

const buildTimeoutSeconds = 3000;
const downloadTimeoutSeconds = 600;
/**
 * Compiler and linker collect their garbage less often, up to a limit that two of them side by side can have: a fifth
 * of a package's processor time was that, and another tenth the debugging information that nobody reads.
 */
const frugal = { GOGC: "400", GOMEMLIMIT: "2GiB" };
const withoutDebugging = ["-gcflags", "all=-dwarf=false"];
const noteEveryMs = 1000;

/** Builds the tools that have a Go module and puts them into the cache; leaves the others alone. */
export async function buildTools(
  toolchain: Toolchain,
  names: readonly ToolName[],
  note: Note,
): Promise<void> {
  const modules = [...modulesOf(names)];
  const fetching = fetchSources(toolchain, modules.slice(1));
  for (const goModule of modules) await buildModule(toolchain, goModule, note);
  await fetching;
}

/** Fetches the sources of the later builds while the first one compiles; what fails here, their own build tells. */
async function fetchSources(toolchain: Toolchain, modules: readonly GoModule[]): Promise<void> {
  for (const goModule of modules) {
    await captureCommand(["go", "mod", "download"], {
      cwd: join(toolchain.goModulesFolder, goModule.folder),
      env: { ...process.env, ...environmentOf(toolchain) },
      timeoutSeconds: downloadTimeoutSeconds,
    }).catch(() => {});
  }
}

function environmentOf(toolchain: Toolchain): Readonly<Record<string, string>> {
  return { PATH: toolchain.searchPath.join(":"), GOWORK: "off" };
}

function modulesOf(names: readonly ToolName[]): ReadonlySet<GoModule> {
  return new Set(names.map((name) => tools[name].goModule).filter((goModule) => goModule !== undefined));
}

/** Builds all tools of one module: one build of Kubernetes yields six tools, for little more than one costs. */
async function buildModule(toolchain: Toolchain, goModule: GoModule, note: Note): Promise<void> {
  const source = join(toolchain.goModulesFolder, goModule.folder);
  const environment = environmentOf(toolchain);
  await requireGo(source, environment);
  const folder = await makeStagingFolder(toolchain);
  try {
    await compile(goModule, source, folder, environment, note);
    for (const name of toolsOf(goModule)) {
      const staged = join(folder, goModule.outputName ?? name);
      await putIntoCache(toolchain, name, staged);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

function toolsOf(goModule: GoModule): readonly ToolName[] {
  return (Object.keys(tools) as ToolName[]).filter((name) => tools[name].goModule === goModule);
}

async function compile(
  goModule: GoModule,
  source: string,
  output: string,
  environment: Readonly<Record<string, string>>,
  note: Note,
): Promise<void> {
  const progress = watchCompiler(goModule, note);
  // `-v` names each package when it is compiled: the only sign of life that the compiler gives.
  const { packages = ["tool"] } = goModule;
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-mod=readonly", ...withoutDebugging];
  try {
    await followCommand({
      doing: `building ${goModule.folder} from source`,
      argv: ["go", "build", ...flags, "-ldflags", goModule.linkerFlags, "-o", `${output}/`, ...packages],
      cwd: source,
      env: { ...environment, ...frugal, ...(goModule.isStatic ? { CGO_ENABLED: "0" } : {}) },
      onLine: progress.onLine,
      isProgress: isPackage,
      timeoutSeconds: buildTimeoutSeconds,
      remedy: "Check that the Go module proxy can be reached and that the disk has room for 5 GB.",
    });
  } finally {
    progress.stop();
  }
}

/** What `-v` prints is a path and no more; what went wrong is a sentence. */
const isPackage = (line: string) => /^[\w./@~-]+$/.test(line);

/** Tells what the compiler is at, also while it links, which takes long and prints nothing. */
function watchCompiler(goModule: GoModule, note: Note): { onLine: (line: string) => void; stop: () => void } {
  const startedAt = performance.now();
  let packages = 0;
  let latest = "";
  const tell = () => {
    const elapsed = formatElapsed(performance.now() - startedAt);
    note(`building ${goModule.folder} with Go, ${elapsed}, ${packages} packages compiled${latest}`);
  };
  const timer = setInterval(tell, noteEveryMs);
  tell();
  return {
    onLine: (line) => {
      if (!line.startsWith("go: ")) packages += 1;
      latest = `, latest ${line}`;
    },
    stop: () => clearInterval(timer),
  };
}

/** Refuses to begin without a Go that can read the module: its own complaint names no remedy. */
async function requireGo(source: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const needed = /^go (\S+)$/m.exec(await readFile(join(source, "go.mod"), "utf8"))?.[1] ?? "";
  const remedy = `Install Go ${needed} or newer from https://go.dev/dl and put it on PATH.`;
  const isThere = environment.PATH?.split(":").some((folder) => existsSync(join(folder, "go")));
  if (!isThere) throw new Error(`building "${source}": there is no Go on PATH. ${remedy}`);
  // Run in the module's folder, because a Go from 1.21 on fetches a newer Go by itself if the module needs it.
  const { stdout, stderr } = await captureCommand(["go", "version"], {
    cwd: source,
    env: { ...process.env, ...environment },
    timeoutSeconds: 300,
  });
  const found = /\bgo(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  if (found !== undefined && compareVersions(found, needed) >= 0) return;
  const seen = found === undefined ? stderr.trim() : `Go ${found} is too old`;
  throw new Error(`building "${source}": ${seen}. ${remedy}`);
}

function compareVersions(left: string, right: string): number {
  return left.localeCompare(right, "en", { numeric: true });
}
