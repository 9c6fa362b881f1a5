// What the stack declares around its pools with @pulumi/kubernetes: an identity that may do what the program does and
// no more, and the inventory of the pools.
import { createRequire } from "node:module";
import type { Provider } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type InventoryPool, renderInventory } from "./access/inventory.ts";
import {
  type AccessNeeds,
  accessName,
  clusterRules,
  inventoryName,
  type NamespaceAccess,
  namespaceRules,
} from "./access/rules.ts";
import { accessNamespace } from "./model/defaults.ts";
import { ownerAnnotation } from "./model/owner.ts";

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

/** Declares the ServiceAccount `nodepools` with its rights, and the ConfigMap `nodepools-inventory`. */
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
    this.#declareIdentity(args.needs, child);
    for (const access of namespaceRules(this.#namespace)) this.#declareNamespaceAccess(access, child);
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

  #declareIdentity(needs: Promise<AccessNeeds>, child: pulumi.CustomResourceOptions): void {
    const { core, rbac } = kubernetes();
    const metadata = this.#metadata(accessName);
    new core.v1.ServiceAccount(this.#name, { metadata: this.#metadata(accessName, this.#namespace) }, child);
    new rbac.v1.ClusterRole(this.#name, { metadata, rules: needs.then(clusterRules) }, child);
    new rbac.v1.ClusterRoleBinding(
      this.#name,
      { metadata, roleRef: roleRef("ClusterRole", accessName), subjects: this.#subjects() },
      child,
    );
  }

  #declareNamespaceAccess(
    { namespace, name, rules }: NamespaceAccess,
    child: pulumi.CustomResourceOptions,
  ): void {
    const { rbac } = kubernetes();
    const metadata = this.#metadata(name, namespace);
    const resource = name === inventoryName ? `${this.#name}-inventory` : `${this.#name}-${namespace}`;
    new rbac.v1.Role(resource, { metadata, rules }, child);
    const binding = { metadata, roleRef: roleRef("Role", name), subjects: this.#subjects() };
    new rbac.v1.RoleBinding(resource, binding, child);
  }

  #subjects() {
    return [{ kind: "ServiceAccount", name: accessName, namespace: this.#namespace }];
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
