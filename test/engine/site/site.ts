// What engine tests stand on: an API server as kubeadm leaves a cluster, an account with the rights that `access`
// declares and no more, and a home for the Pulumi CLI. Gone with the process that made it.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AdmissionregistrationV1Api,
  CoreV1Api,
  type KubeConfig,
  RbacAuthorizationV1Api,
  VersionApi,
} from "@kubernetes/client-node";
import { policySpec } from "../../../components/access/policy.ts";
import { clusterRules, namespaceRules } from "../../../components/access/rules.ts";
import { cacheFolder } from "../../../lab/cache-folder.ts";
import { leanStart } from "../../../lab/environment.ts";
import { makePulumiHome } from "../../../lab/pulumi-home.ts";
import { ensureTools } from "../../../lab/toolchain/ensure-tools.ts";
import { adminConfig } from "../../support/admin-config.ts";
import type { ApiServerAddress } from "../../support/kube-processes.ts";
import { allNeeds, writeKubeconfig } from "../../support/lab-identity.ts";
import { projectRoot } from "../../support/pulumi-cli.ts";
import { newKey } from "../../support/sshd.ts";
import type { Ground } from "./host.ts";

/** The site of one process. */
export interface Site extends Ground {
  readonly api: ApiServerAddress;
  /** The test's own hand in the cluster, past the code under test. */
  readonly core: CoreV1Api;
  readonly rbac: RbacAuthorizationV1Api;
  /** Kubeconfig of the account that stacks log in with. */
  readonly identityPath: string;
  /** Folder for the state and the configs of stacks. */
  readonly folder: string;
  /** The CLI, and the environment that it runs in. */
  readonly pulumi: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Makes a site on an API server. */
export async function makeSite(starting: Promise<ApiServerAddress>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-engine-"));
  // The worker is ended by a signal, which runs no exit handler otherwise: those end the servers.
  process.once("SIGTERM", () => process.exit());
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const [api, cli] = await Promise.all([starting, prepareCli(folder)]);
  const admin = adminConfig(api.kubeconfigText);
  const core = admin.makeApiClient(CoreV1Api);
  const rbac = admin.makeApiClient(RbacAuthorizationV1Api);
  const { gitVersion } = await admin.makeApiClient(VersionApi).getCode();
  await core.createNamespacedConfigMap({
    namespace: "kube-public",
    body: { metadata: { name: "cluster-info" }, data: { kubeconfig: api.kubeconfigText } },
  });
  const publicKey = newKey(folder, "id", "ed25519");
  return {
    ...cli,
    api,
    core,
    rbac,
    folder,
    identityPath: await createIdentity(folder, admin, core, rbac),
    sshKey: { privateKeyFile: join(folder, "id"), publicKey },
    kubeconfigPath: api.kubeconfigPath,
    version: gitVersion,
  };
}

/** What the CLI is made of. */
export const programs = [
  "pulumi",
  "pulumi-language-nodejs",
  "pulumi-resource-command",
  "pulumi-resource-kubernetes",
] as const;

async function prepareCli(folder: string): Promise<Pick<Site, "pulumi" | "environment">> {
  const pulumi = await makePulumiHome(join(folder, "home"), await ensureTools(programs, () => {}));
  mkdirSync(join(folder, "state"));
  const { SSH_AUTH_SOCK: _, KUBECONFIG: __, ...outer } = process.env;
  const environment = {
    ...outer,
    PATH: `${join(projectRoot, "node_modules/.bin")}:${outer.PATH}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${folder}/state?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE: "engine",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Makes the flag --event-log known.
    PULUMI_DEBUG_COMMANDS: "true",
    NODE_COMPILE_CACHE: cacheFolder("node-compile"),
    NODE_OPTIONS: leanStart,
  };
  return { pulumi, environment };
}

const namespace = "default";
const name = "engine-tests";
const apiGroup = "rbac.authorization.k8s.io";
/** With Jobs that reach nothing. */
const harmlessJob = { namespace, manifest: { spec: { template: { spec: {} } } } };
const needs = { ...allNeeds, jobs: [harmlessJob] };

/** Creates the account and writes its kubeconfig. */
async function createIdentity(
  folder: string,
  admin: KubeConfig,
  core: CoreV1Api,
  rbac: RbacAuthorizationV1Api,
): Promise<string> {
  const metadata = { name };
  const subjects = [{ kind: "ServiceAccount", name, namespace }];
  await core.createNamespacedServiceAccount({ namespace, body: { metadata } });
  await rbac.createClusterRole({ body: { metadata, rules: clusterRules(needs) } });
  const roleRef = (kind: string, of: string) => ({ apiGroup, kind, name: of });
  await rbac.createClusterRoleBinding({
    body: { metadata, subjects, roleRef: roleRef("ClusterRole", name) },
  });
  const admission = admin.makeApiClient(AdmissionregistrationV1Api);
  await admission.createValidatingAdmissionPolicy({
    body: { metadata, spec: policySpec({ namespace, name }, needs) },
  });
  await admission.createValidatingAdmissionPolicyBinding({
    body: { metadata, spec: { policyName: name, validationActions: ["Deny"] } },
  });
  for (const access of namespaceRules(namespace)) {
    const role = `${name}-${access.name}`;
    const where = { namespace: access.namespace };
    await rbac.createNamespacedRole({ ...where, body: { metadata: { name: role }, rules: access.rules } });
    const body = { metadata: { name: role }, subjects, roleRef: roleRef("Role", role) };
    await rbac.createNamespacedRoleBinding({ ...where, body });
  }
  const { status } = await core.createNamespacedServiceAccountToken({
    namespace,
    name,
    body: { spec: { audiences: [], expirationSeconds: 8 * 3600 } },
  });
  const cluster = admin.getCurrentCluster();
  const kubeconfig = join(folder, "identity.conf");
  const access = { server: cluster?.server, "certificate-authority-data": cluster?.caData };
  writeKubeconfig({ kubeconfig, context: "engine" }, access, status?.token ?? "");
  return kubeconfig;
}
