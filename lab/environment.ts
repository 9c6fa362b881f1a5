// The environment in which commands of the lab's user run.
import { delimiter, dirname, join } from "node:path";
import { cacheFolder } from "./cache-folder.ts";
import { commandKeepaliveSeconds } from "./clocks.ts";
import type { Lab } from "./lab-folder.ts";
import { readRecord } from "./record.ts";

const projectRoot = join(import.meta.dirname, "..");

/** How Node starts program and providers, as README advises. */
export const leanStart = `--require "${join(projectRoot, "entry/lean-start.cjs")}"`;

/** The caller's environment with the lab's tools, cluster and Pulumi state in it; throws when there is no lab. */
export function labEnvironment(lab: Lab): NodeJS.ProcessEnv {
  const tools = Object.entries(readRecord(lab).tools).filter(([name]) => !name.startsWith("pulumi"));
  const toolFolders = new Set(tools.map(([, path]) => dirname(path)));
  const path = [
    join(projectRoot, "node_modules/.bin"),
    // Found here, what belongs to the CLI is used without a warning; anywhere else on PATH it is not.
    join(lab.pulumiHome, "bin"),
    ...toolFolders,
    process.env.PATH,
  ];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    NODEPOOLS_LAB: lab.directory,
    KUBECONFIG: lab.adminKubeconfig,
    PULUMI_HOME: lab.pulumiHome,
    // A kill can cut short the .attrs files that stand beside the state otherwise, and the state is unreadable then
    // (setAttrs in gocloud.dev 0.37's blob/fileblob/attrs.go): the files themselves are replaced in one step.
    PULUMI_BACKEND_URL: `file://${lab.pulumiState}?metadata=skip`,
    // The stacks of a lab live as long as its hosts; nothing in them is worth a real passphrase.
    PULUMI_CONFIG_PASSPHRASE: "lab",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    NODEPOOLS_LAB_KEEPALIVE_SECONDS: String(commandKeepaliveSeconds),
    // Each command starts several Node processes, which read the same packages again.
    NODE_COMPILE_CACHE: cacheFolder("node-compile"),
    NODE_OPTIONS: leanStart,
  };
}
