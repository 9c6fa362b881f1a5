// Sets up and starts the control plane: kubeadm's phases around processes that the lab keeps itself.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { bringUpSeconds } from "../clocks.ts";
import type { Lab } from "../lab-folder.ts";
import { insideNetwork } from "../network/namespace.ts";
import { flannelManifests } from "../pod-network/manifests.ts";
import { flannelOf, type PodNetworkName } from "../pod-network/pod-network.ts";
import { launch } from "../processes/launch.ts";
import { captureCommand, runCommand } from "../processes/run-command.ts";
import { isUnitRunning } from "../processes/units.ts";
import { waitFor } from "../processes/wait-for.ts";
import { type Component, componentArguments } from "./components.ts";
import { kubeadmConfiguration } from "./kubeadm-configuration.ts";

/** Executables of the control plane, by name. */
export type ControlPlaneTools = Readonly<Record<Component | "kubeadm" | "kubectl", string>>;

/** What a control plane is made of. */
export interface ControlPlaneParts {
  readonly tools: ControlPlaneTools;
  readonly podNetwork: PodNetworkName;
}

/** Flags that come after a component's own, so that they win. */
export type ComponentFlags = Readonly<Partial<Record<Component, readonly string[]>>>;

interface Folders {
  readonly certificates: string;
  readonly kubeconfigs: string;
  readonly etcdData: string;
  readonly configuration: string;
  readonly uploadedConfiguration: string;
  readonly superAdmin: string;
  /** There when the cluster holds all that kubeadm puts into it. */
  readonly finished: string;
}

/** Makes the control plane, as far as it is missing, and waits until it serves. */
export async function ensureControlPlane(
  lab: Lab,
  parts: ControlPlaneParts,
  flags: ComponentFlags = {},
): Promise<void> {
  const folders = foldersOf(lab);
  if (!existsSync(lab.adminKubeconfig)) await makeCredentials(lab, parts, folders);
  for (const component of ["etcd", "kube-apiserver"] as const) await start(lab, parts, component, flags);
  await waitUntilReady(lab, parts.tools, folders);
  for (const component of ["kube-controller-manager", "kube-scheduler"] as const)
    await start(lab, parts, component, flags);
  if (!existsSync(folders.finished)) await fillCluster(lab, parts, folders);
}

function foldersOf(lab: Lab): Folders {
  const inside = (name: string): string => join(lab.controlPlane, name);
  return {
    certificates: inside("certificates"),
    kubeconfigs: inside("kubeconfigs"),
    etcdData: inside("etcd"),
    configuration: inside("kubeadm.yaml"),
    uploadedConfiguration: inside("kubeadm-uploaded.yaml"),
    superAdmin: inside("kubeconfigs/super-admin.conf"),
    finished: inside("finished"),
  };
}

async function makeCredentials(lab: Lab, parts: ControlPlaneParts, folders: Folders): Promise<void> {
  const { tools } = parts;
  // Half a set of certificates, left by a run that was killed, would be taken for somebody else's.
  rmSync(lab.controlPlane, { recursive: true, force: true });
  mkdirSync(lab.controlPlane, { recursive: true, mode: 0o700 });
  const version = (await runCommand([tools.kubeadm, "version", "--output=short"])).trim();
  const files = { version, etcdData: folders.etcdData, flannel: flannelOf(parts.podNetwork) };
  writeFileSync(
    folders.configuration,
    kubeadmConfiguration({ ...files, certificates: folders.certificates }),
  );
  // The uploaded one is read by the kubelets, which have their CA where kubeadm join puts it.
  writeFileSync(
    folders.uploadedConfiguration,
    kubeadmConfiguration({ ...files, certificates: "/etc/kubernetes/pki" }),
  );
  const phase = (...args: string[]): Promise<string> => initPhase(lab, tools, folders.configuration, args);
  await phase("certs", "all");
  for (const user of ["admin", "super-admin", "controller-manager", "scheduler"]) {
    await phase("kubeconfig", user, `--kubeconfig-dir=${folders.kubeconfigs}`);
  }
  writeAdminKubeconfig(lab, readFileSync(join(folders.kubeconfigs, "admin.conf"), "utf8"));
}

/** Runs one phase; it ends with its caller, so that it never writes into a folder that `down` has deleted. */
function initPhase(
  lab: Lab,
  tools: ControlPlaneTools,
  config: string,
  args: readonly string[],
): Promise<string> {
  const kubeadm = [tools.kubeadm, "init", "phase", ...args, `--config=${config}`];
  return runCommand(["setpriv", "--pdeathsig=KILL", "--", ...insideNetwork(lab, kubeadm)]);
}

/** Gives the admin's context the name `lab`. */
function writeAdminKubeconfig(lab: Lab, text: string): void {
  const kubeconfig = parse(text) as { contexts: { name: string }[] };
  const [context] = kubeconfig.contexts;
  const named = { ...kubeconfig, contexts: [{ ...context, name: "lab" }], "current-context": "lab" };
  const writing = `${lab.adminKubeconfig}.writing`;
  writeFileSync(writing, stringify(named), { mode: 0o600 });
  renameSync(writing, lab.adminKubeconfig);
}

async function start(
  lab: Lab,
  { tools, podNetwork }: ControlPlaneParts,
  component: Component,
  flags: ComponentFlags,
): Promise<void> {
  if (isUnitRunning(lab, component)) return;
  const allocatesPodAddresses = flannelOf(podNetwork) !== undefined;
  const argv = [
    tools[component],
    ...componentArguments(component, { ...foldersOf(lab), allocatesPodAddresses }),
    ...(flags[component] ?? []),
  ];
  await launch(lab, {
    unit: component,
    argv: insideNetwork(lab, argv),
    log: logOf(lab, component),
  });
}

function logOf(lab: Lab, component: Component): string {
  return join(lab.logs, `${component}.log`);
}

/** Waits for the API and for the role that the controller manager needs: it gives up when it comes too early. */
async function waitUntilReady(lab: Lab, tools: ControlPlaneTools, folders: Folders): Promise<void> {
  const questions = [
    "/readyz",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/roles/extension-apiserver-authentication-reader",
  ];
  for (const question of questions) {
    const kubectl = [
      tools.kubectl,
      `--kubeconfig=${folders.superAdmin}`,
      "--request-timeout=5s",
      ...["get", "--raw", question],
    ];
    await waitFor({
      what: `the API server to answer "${question}"`,
      timeoutSeconds: bringUpSeconds,
      // Each question is a process, and takes from the start that it waits for.
      pauseMs: 500,
      remedy: `Its log is ${logOf(lab, "kube-apiserver")}, etcd's is beside it.`,
      check: async () => {
        const answer = await captureCommand(insideNetwork(lab, kubectl));
        if (answer.status === 0) return undefined;
        for (const component of ["etcd", "kube-apiserver"] as const) {
          if (!isUnitRunning(lab, component))
            throw new Error(`starting ${component}: it ended. Its log is ${logOf(lab, component)}.`);
        }
        return answer.stderr.trim();
      },
    });
  }
}

/** Puts into the cluster what joining needs: configuration, the roles of bootstrap tokens, the admins' role. */
async function fillCluster(lab: Lab, parts: ControlPlaneParts, folders: Folders): Promise<void> {
  const { tools, podNetwork } = parts;
  const kubeconfig = `--kubeconfig=${folders.superAdmin}`;
  await initPhase(lab, tools, folders.uploadedConfiguration, ["upload-config", "all", kubeconfig]);
  await initPhase(lab, tools, folders.configuration, ["bootstrap-token", "--skip-token-print", kubeconfig]);
  const name = "kubeadm:cluster-admins";
  const binding = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name }],
  };
  const apply = (stdin: string): Promise<string> =>
    runCommand(insideNetwork(lab, [tools.kubectl, kubeconfig, "apply", "--filename=-"]), { stdin });
  await apply(JSON.stringify(binding));
  const flannel = flannelOf(podNetwork);
  if (flannel !== undefined) {
    // kube-proxy and CoreDNS, as every `kubeadm init` installs them.
    await initPhase(lab, tools, folders.configuration, ["addon", "all", kubeconfig]);
    await apply(flannelManifests(flannel));
  }
  writeFileSync(folders.finished, "");
}
