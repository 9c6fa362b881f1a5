// Says which versions of the tools were measured.
import { type Lab, runInLab } from "../../../lab/lab.ts";

/** Asks kubeadm, kubectl and pulumi for their versions. */
export async function describeVersions(lab: Lab): Promise<string> {
  const [kubeadm, kubectl, pulumi] = await Promise.all([
    firstLine(lab, "kubeadm", "version", "--output=short"),
    firstLine(lab, "kubectl", "version", "--client"),
    firstLine(lab, "pulumi", "version"),
  ]);
  return `kubeadm ${kubeadm}, kubectl ${kubectl.replace("Client Version: ", "")}, pulumi ${pulumi}`;
}

async function firstLine(lab: Lab, ...argv: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await runInLab(lab, argv);
  if (status !== 0) throw new Error(`running ${argv.join(" ")}: ${stderr.trim()}`);
  return stdout.split("\n")[0] ?? "";
}
