// Every command that a message of the program prints stands here, with the test that follows it and gets out.
import { existsSync, globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;

/** By command, as it is printed: the test that runs it, or why none does. */
const followed: Readonly<Record<string, string>> = {
  "kubeadm init phase bootstrap-token": "kubeadm's own: it wants a default route, and a lab has none",
  "kubeadm reset": "lab/remedies",
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as they stand in the sources
  "kubectl annotate node ${facts.nodeName} ${ownerAnnotation}-": "lab/remedies",
  'kubectl annotate node ${target.node} ${waited[0]?.annotation ?? ""}-':
    "kubectl's own, of the annotation that is waited for",
  "kubectl create namespace ${accessNamespace}": "kubectl's own, of the name that was missing",
  "kubectl delete clusterrole,clusterrolebinding,validatingadmissionpolicy,validatingadmissionpolicybinding ${accessName}":
    "kubectl's own, of the four kinds that provider/access/stack sees declared: a lab's tests live by them",
  "kubectl delete node ${facts.nodeName}": "lab/remedies",
  "kubectl delete node ${member.node}": "lab/remedies",
  "kubectl delete node ${twin}": "lab/remedies",
  "kubectl label node ${facts.nodeName} ${guardedLabels.owner}-": "lab/remedies",
  "ssh -G ${address}": "only prints",
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as they stand in the sources
  "KUBECONFIG=<files> kubectl config view --flatten > merged.conf": "lab/remedies",
  "kubeadm certs renew apiserver": "the control plane's own, by kubeadm's documentation",
  "kubectl get csr": "only prints",
  "nodepools --help": "unit/review/command-line",
  "nodepools import": "unit/import/command",
  "nodepools import --help": "unit/import/command",
  "npm run lab -- up": "run by every lab test",
  "pulumi config set --secret --path nodepools:cluster.kubeconfig < admin.conf": "lab/remedies",
  "pulumi config set --secret --path nodepools:ssh.privateKey < <file>": "lab/remedies",
  "pulumi destroy": "lab/pool-life",
  "pulumi preview": "lab/pool-life",
  "pulumi up": "engine/failed-joins",
  "puttygen <file> -O private-openssh -o id_hosts": "PuTTY's own, run by hand",
  "ssh-add -L": "only prints",
  "ssh-add -l": "only prints",
  "ssh-add -l -E sha256": "only prints",
  "ssh-keygen -A": "lab/remedies",
  "ssh-keygen -lf /etc/ssh/ssh_host_<type>_key.pub": "only prints",
  "ssh-keygen -p -Z aes256-ctr -f <file>": "unit/settings/private-key",
  "ssh-keygen -p -f <file>": "unit/settings/private-key",
  "ssh-keygen -y -f <file>": "only prints",
  "swapoff -a": "provider/kubeadm/prepare-system",
  "sysctl --system": "lab/remedies",
  "systemctl enable kubelet": "lab/remedies",
  "systemctl enable ${unit}": "lab/remedies",
  "systemctl start containerd": "lab/remedies",
  "systemctl start kubelet": "lab/remedies",
  "systemctl unmask kubelet": "lab/remedies",
  "systemctl unmask ${unit}": "lab/remedies",
  "systemd-machine-id-setup": "lab/remedies",
  "unset SSH_AUTH_SOCK": "unit/ssh/environment-agent",
};

/** The commands in backquotes inside the texts of a source, without its comments. */
function commandsIn(source: string): string[] {
  const code = source
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .join("\n");
  const texts = [...code.matchAll(/"((?:[^"\\\n]|\\.)*)"/g)].map(([, text = ""]) => text);
  const found = [...texts.join("\n").matchAll(/`([^`\n]+)`/g), ...code.matchAll(/\\`(.+?)\\`/g)];
  const isCommand = /^([A-Z]+=\S+ )?(kube|pulumi |nodepools |npm |putty|ssh|system|sysctl|swapoff|unset )/;
  return found.map(([, text = ""]) => text).filter((text) => isCommand.test(text));
}

it("are all known, and no others", () => {
  const printed = globSync("components/**/*.ts", { cwd: root }).flatMap((path) =>
    commandsIn(readFileSync(`${root}/${path}`, "utf8")),
  );
  expect([...new Set(printed)].sort()).toEqual(Object.keys(followed).sort());
});

it("are followed by tests that exist", () => {
  const tests = Object.values(followed).filter((text) => /^(unit|lab|engine|provider)\//.test(text));
  expect(tests.filter((path) => !existsSync(`${root}/test/${path}.test.ts`))).toEqual([]);
});
