// What the stack declares around its pools with @pulumi/kubernetes: an identity that may do what the program does and
// no more, and the inventory of the pools.
import { createRequire } from "node:module";
import type { Provider } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type InventoryPool, renderInventory } from "./access/inventory.ts";
import { policySpec } from "./access/policy.ts";
import {
  type AccessNeeds,
  type AccessRule,
  accessName,
  clusterRules,
  inventoryName,
  type NamespaceAccess,
  namespaceRules,
  previewName,
  previewNamespaceRules,
  previewRules,
} from "./access/rules.ts";
import { accessNamespace } from "./model/defaults.ts";
import { ownerAnnotation } from "./model/owner.ts";
import type { Verification } from "./model/verification.ts";

const require = createRequire(import.meta.url);

/** Loads @pulumi/kubernetes; not before it is needed, since most stacks declare no access and reading it takes time. */
const kubernetes = (): typeof import("@pulumi/kubernetes") => require("@pulumi/kubernetes");

/** Declares the identity and the inventory. */
export interface AccessArgs {
  /**
   * Kubeconfig as a path or as text, kept as a secret. An administrator's creates, changes and removes the identity;
   * with the identity's own the inventory is kept current. Change effect: in place.
   */
  readonly kubeconfig: pulumi.Input<string>;
  /** Context of the kubeconfig; absent means its current one. Change effect: in place. */
  readonly context?: pulumi.Input<string>;
  /**
   * Namespace of the ServiceAccount and of the inventory; it must exist. Change effect: both are replaced, and
   * existing ServiceAccount tokens stop working.
   * @defaultValue kube-system
   */
  readonly namespace?: string;
  /** Checks of the stack, for which the identity needs rights: `verify` of the config key `nodepools:cluster`. Change effect: in place. */
  readonly verify?: Verification;
}

// Under whose name the objects are applied: that of the stack as it was called when it made them. Another name would be
// refused the fields that the former one holds, as another stack is.
const fieldManager = {
  annotation: "pulumi.com/patchFieldManager",
  path: 'metadata.annotations["pulumi.com/patchFieldManager"]',
};

interface ClusterAccessArgs extends AccessArgs {
  readonly owner: string;
  readonly pools: Promise<readonly InventoryPool[]>;
  /** What the pools declare that needs rights of its own. */
  readonly needs: Promise<AccessNeeds>;
  /** What must be done before the inventory is written. */
  readonly settled: pulumi.Resource;
}

/**
 * Declares the ServiceAccount `nodepools` with its rights and the policy that narrows them, `nodepools-preview`, which may
 * only look, and the ConfigMap `nodepools-inventory`.
 */
export class ClusterAccess extends pulumi.ComponentResource {
  readonly #name: string;
  readonly #owner: string;
  readonly #namespace: string;

  constructor(name: string, args: ClusterAccessArgs, options: pulumi.ComponentResourceOptions) {
    super("nodepools:index:ClusterAccess", name, {}, options);
    this.#name = name;
    this.#owner = args.owner;
    this.#namespace = args.namespace ?? accessNamespace;
    const child = { parent: this, provider: this.#declareProvider(args), ignoreChanges: [fieldManager.path] };
    const rules = (of: (needs: AccessNeeds) => AccessRule[]) => pulumi.output(args.needs.then(of));
    this.#declareIdentity(accessName, rules(clusterRules), child);
    for (const access of namespaceRules(this.#namespace)) this.#declareNamespaceAccess(access, child);
    this.#declarePolicy(args.needs, child);
    this.#declareIdentity(previewName, rules(previewRules), child);
    this.#declareRole(`${this.#name}-preview`, previewName, "kube-system", previewNamespaceRules(), child);
    const inventory = args.pools.then((pools) => renderInventory(args.owner, pools));
    const { ConfigMap } = kubernetes().core.v1;
    const metadata = this.#metadata(inventoryName, this.#namespace);
    const data = { "inventory.yaml": inventory };
    new ConfigMap(name, { metadata, data }, { ...child, dependsOn: args.settled });
    this.registerOutputs({});
  }

  #declareProvider({ kubeconfig, context, owner }: ClusterAccessArgs): Provider {
    const { Provider } = kubernetes();
    return new Provider(
      this.#name,
      {
        kubeconfig: pulumi.secret(kubeconfig),
        ...(context !== undefined && { context }),
        // One stack is one cluster: neither a moved API server nor a renamed stack may replace the rights in use.
        clusterIdentifier: owner,
        // Otherwise the inventory would be gone for a moment at each change.
        enableConfigMapMutable: true,
        // A run that was killed may have created objects that its state does not know. Those of another stack stay
        // safe: the owner in the annotation is a field that server-side apply does not take from its manager.
        upsertExistingObjects: true,
      },
      { parent: this, ignoreChanges: ["clusterIdentifier"] },
    );
  }

  #declareIdentity(
    name: string,
    rules: pulumi.Output<AccessRule[]>,
    child: pulumi.CustomResourceOptions,
  ): void {
    const { core, rbac } = kubernetes();
    const metadata = this.#metadata(name);
    const resource = name === accessName ? this.#name : `${this.#name}-preview`;
    new core.v1.ServiceAccount(
      resource,
      { metadata: this.#metadata(name, this.#namespace), automountServiceAccountToken: false },
      child,
    );
    new rbac.v1.ClusterRole(resource, { metadata, rules }, child);
    const binding = { metadata, roleRef: roleRef("ClusterRole", name), subjects: this.#subjects(name) };
    new rbac.v1.ClusterRoleBinding(resource, binding, child);
  }

  #declarePolicy(needs: Promise<AccessNeeds>, child: pulumi.CustomResourceOptions): void {
    const { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } =
      kubernetes().admissionregistration.v1;
    const metadata = this.#metadata(accessName);
    const account = { namespace: this.#namespace, name: accessName };
    const spec = pulumi.output(needs.then((known) => policySpec(account, known)));
    const policy = new ValidatingAdmissionPolicy(this.#name, { metadata, spec }, child);
    new ValidatingAdmissionPolicyBinding(
      this.#name,
      { metadata, spec: { policyName: accessName, validationActions: ["Deny"] } },
      { ...child, dependsOn: policy },
    );
  }

  #declareNamespaceAccess(
    { namespace, name, rules }: NamespaceAccess,
    child: pulumi.CustomResourceOptions,
  ): void {
    const resource = name === inventoryName ? `${this.#name}-inventory` : `${this.#name}-${namespace}`;
    this.#declareRole(resource, name, namespace, rules, child);
  }

  #declareRole(
    resource: string,
    name: string,
    namespace: string,
    rules: AccessRule[],
    child: pulumi.CustomResourceOptions,
  ): void {
    const { rbac } = kubernetes();
    const metadata = this.#metadata(name, namespace);
    new rbac.v1.Role(resource, { metadata, rules }, child);
    const account = name === previewName ? previewName : accessName;
    const binding = { metadata, roleRef: roleRef("Role", name), subjects: this.#subjects(account) };
    new rbac.v1.RoleBinding(resource, binding, child);
  }

  #subjects(name: string) {
    return [{ kind: "ServiceAccount", name, namespace: this.#namespace }];
  }

  #metadata(name: string, namespace?: string) {
    const annotations = {
      [ownerAnnotation]: this.#owner,
      // A field manager's name has 128 characters at most; the stack's name stands at the end of the owner.
      [fieldManager.annotation]: `nodepools:${this.#owner.slice(-118)}`,
    };
    return { name, annotations, ...(namespace !== undefined && { namespace }) };
  }
}

function roleRef(kind: "ClusterRole" | "Role", name: string) {
  return { apiGroup: "rbac.authorization.k8s.io", kind, name };
}
