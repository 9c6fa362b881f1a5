// The environment in which commands of the lab's user run.
import { dirname, join } from "node:path";
import type { Lab } from "./lab-folder.ts";
import { ensureTools, type ToolName } from "./standin.ts";

/** All tools of the lab. */
export const toolNames = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubeadm",
  "kubectl",
  "kubelet",
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-command",
] as const satisfies readonly ToolName[];

const projectRoot = join(import.meta.dirname, "..");

/** The caller's environment with the lab's tools, cluster and Pulumi state in it. */
export async function labEnvironment(lab: Lab): Promise<NodeJS.ProcessEnv> {
  const tools = await ensureTools(toolNames, () => undefined);
  const toolFolders = new Set(Object.values(tools).map((path) => dirname(path)));
  return {
    ...process.env,
    PATH: [join(projectRoot, "node_modules/.bin"), ...toolFolders, process.env["PATH"]].join(":"),
    KUBECONFIG: lab.adminKubeconfig,
    PULUMI_HOME: lab.pulumiHome,
    PULUMI_BACKEND_URL: `file://${lab.pulumiState}`,
    // The stacks of a lab live as long as its hosts; nothing in them is worth a real passphrase.
    PULUMI_CONFIG_PASSPHRASE: "lab",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}
