// The identity of the lab tests: an account with the rights that `access` declares and no more.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { policySpec } from "../../components/access/policy.ts";
import { type AccessNeeds, clusterRules, namespaceRules } from "../../components/access/rules.ts";
import { type Lab, runInLab } from "../../lab/lab.ts";

/** A hook's Job that reaches something. */
export const hookManifest = {
  spec: {
    template: {
      spec: {
        serviceAccountName: "backup",
        containers: [{ name: "main", image: "none", envFrom: [{ secretRef: { name: "backup-key" } }] }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: "backups" } }],
      },
    },
  },
};

/** The needs of pools that use every option with rights of its own. */
export const allNeeds: AccessNeeds = {
  replacements: true,
  restarts: true,
  jobs: [{ namespace: "default", manifest: hookManifest }],
  deletesPods: true,
  selectsNamespaces: true,
  checks: [
    {
      name: "shop",
      kind: "service",
      namespace: "shop",
      service: "cart",
      port: "http",
      scheme: "http",
      path: "/healthz",
    },
  ],
};

const namespace = "default";
const name = "lab-tests";
const apiGroup = "rbac.authorization.k8s.io";

/** A kubeconfig and its context. */
export interface Login {
  readonly kubeconfig: string;
  readonly context: string;
}

/** The login of the tests' own identity; it exists once the lab is set up. */
export function identityLogin(lab: Lab): Login {
  return { kubeconfig: join(lab.directory, "identity.conf"), context: "lab" };
}

/** Creates the account and writes its kubeconfig. */
export async function createIdentity(lab: Lab): Promise<void> {
  const stdin = [account(), ...clusterRights(), ...namespaceRights(), ...policy()]
    .map((it) => JSON.stringify(it))
    .join("\n---\n");
  await kubectl(lab, ["apply", "-f", "-"], stdin);
  const token = await kubectl(lab, ["create", "token", name, "--namespace", namespace, "--duration=8h"]);
  const view = JSON.parse(await kubectl(lab, ["config", "view", "--raw", "--minify", "-o", "json"]));
  writeKubeconfig(identityLogin(lab), view.clusters[0].cluster, token);
}

/** Writes a kubeconfig that logs in with a token, as an administrator would hand it out. */
export function writeKubeconfig({ kubeconfig, context }: Login, cluster: object, token: string): void {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token } }],
    contexts: [{ name: context, context: { cluster: "c", user: "u" } }],
    "current-context": context,
  };
  writeFileSync(kubeconfig, JSON.stringify(config), { mode: 0o600 });
}

function account(): object {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } };
}

function clusterRights(): object[] {
  return [
    { apiVersion: `${apiGroup}/v1`, kind: "ClusterRole", metadata: { name }, rules: clusterRules(allNeeds) },
    binding("ClusterRole", { name }),
  ];
}

function policy(): object[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const metadata = { name };
  const spec = { policyName: name, validationActions: ["Deny"] };
  return [
    {
      apiVersion,
      kind: "ValidatingAdmissionPolicy",
      metadata,
      spec: policySpec({ namespace, name }, allNeeds),
    },
    { apiVersion, kind: "ValidatingAdmissionPolicyBinding", metadata, spec },
  ];
}

function namespaceRights(): object[] {
  return namespaceRules(namespace).flatMap((access) => {
    const metadata = { name: `${name}-${access.name}`, namespace: access.namespace };
    return [
      { apiVersion: `${apiGroup}/v1`, kind: "Role", metadata, rules: access.rules },
      binding("Role", metadata),
    ];
  });
}

function binding(kind: "ClusterRole" | "Role", metadata: { readonly name: string }): object {
  return {
    apiVersion: `${apiGroup}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup, kind, name: metadata.name },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  };
}

async function kubectl(lab: Lab, argv: readonly string[], stdin = ""): Promise<string> {
  const result = await runInLab(lab, ["kubectl", ...argv], { stdin });
  if (result.status !== 0) throw new Error(`kubectl ${argv.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}
