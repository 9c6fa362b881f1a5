// What the declared identity may not do although it has the right: RBAC knows verbs and names, not contents. Pure.
// A Secret that one may create can be the token of any ServiceAccount; whoever may patch Nodes may patch those of the
// control plane. Needs admissionregistration.k8s.io/v1 of Kubernetes 1.30.
import type { DeclaredJob } from "./declared-reach.ts";
import { podVariables, reachesNoMoreThan } from "./hook-pods.ts";
import type { AccessNeeds } from "./rules.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const tokenGroups = base64("system:bootstrappers:kubeadm:default-node-token");

// Whatever else can be said in a token's Secret gives it more power: signing, other groups.
const tokenKeys = [
  "auth-extra-groups",
  "description",
  "expiration",
  "token-id",
  "token-secret",
  "usage-bootstrap-authentication",
];

const controlPlaneLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** True for a Node that is not the control plane's. */
const isWorker = (node: string) =>
  `(!has(${node}.metadata.labels) || ${controlPlaneLabels.map((key) => `!('${key}' in ${node}.metadata.labels)`).join(" && ")})`;

/** True where a list that decides when a Node goes is as it was. */
const isKept = (field: string) =>
  `(has(object.metadata.${field}) ? object.metadata.${field} : []) == (has(oldObject.metadata.${field}) ? oldObject.metadata.${field} : [])`;

/** True where a map has the same keys with the same values as it had, but for some keys. */
const isSameBut = (path: string, ...except: string[]) => {
  const [now, before] = [`object.${path}`, `oldObject.${path}`];
  const keys = `[${except.map((key) => `'${key}'`).join(", ")}]`;
  return [
    `${now}.all(key, key in ${keys} || (key in ${before} && ${now}[key] == ${before}[key]))`,
    `${before}.all(key, key in ${keys} || key in ${now})`,
  ].join(" && ");
};

// The only annotation that a restart writes; a template without annotations had none of others.
const restarted = "kubectl.kubernetes.io/restartedAt";
const isRestart = [
  isSameBut("metadata", "generation", "managedFields", "resourceVersion"),
  isSameBut("spec", "template"),
  isSameBut("spec.template", "metadata"),
  isSameBut("spec.template.metadata", "annotations"),
  "has(object.spec.template.metadata.annotations)",
  `(has(oldObject.spec.template.metadata.annotations) ? (${isSameBut("spec.template.metadata.annotations", restarted)}) : object.spec.template.metadata.annotations.all(key, key == '${restarted}'))`,
].join(" && ");

const about = (resource: string, expression: string) =>
  `request.resource.resource != '${resource}' || (${expression})`;

const rule = (group: string, resource: string, ...operations: string[]) => ({
  apiGroups: [group],
  apiVersions: ["v1"],
  resources: [resource],
  operations,
});

/** What the policy says of rights that only some stacks need: in others it stays as it is. */
function ofOptions({ restarts, jobs = [] }: AccessNeeds) {
  const hasJobs = jobs.length > 0;
  const byNamespace = [...Map.groupBy(jobs, ({ namespace }) => namespace)].sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const names = byNamespace.map(([name]) => `'${name}'`).join(", ");
  const isHook = `request.namespace in [${names}] && has(object.metadata.labels) && 'nodepools.local/hook' in object.metadata.labels && object.metadata.name.startsWith('nodepools-')`;
  return {
    variables: hasJobs ? podVariables : [],
    resourceRules: [
      ...(restarts ? [rule("apps", "deployments", "UPDATE")] : []),
      ...(hasJobs ? [rule("batch", "jobs", "CREATE")] : []),
    ],
    validations: [
      ...(restarts ? [forbid("deployments", isRestart, onlyRestarts)] : []),
      ...(hasJobs ? [forbid("jobs", isHook, onlyHooks)] : []),
      ...byNamespace.map(([name, declared]) => boundPods(name, declared)),
    ],
  };
}

const onlyRestarts =
  "nodepools restarts a Deployment by the annotation of its template, and changes nothing else";
const onlyHooks = "nodepools creates Jobs of its hooks, in the namespaces that these name, and no others";

function boundPods(namespace: string, jobs: readonly DeclaredJob[]) {
  return forbid(
    "jobs",
    `request.namespace != '${namespace}' || (${reachesNoMoreThan(jobs)})`,
    `nodepools creates Jobs in ${namespace} that reach no more than the declared hooks there: their ServiceAccounts, Secrets, volumes and rights on the node. When a hook was given more, run up once as an administrator`,
  );
}

function forbid(resource: string, unless: string, message: string) {
  return { expression: about(resource, unless), reason: "Forbidden", message };
}

// A Node's place in the network, and the machine behind it, which an autoscaler deletes by this.
const fixedSpec = ["podCIDR", "providerID"];

/** True where a text of the spec is as it was. */
const isKeptSpec = (field: string) =>
  `(has(object.spec.${field}) ? object.spec.${field} : '') == (has(oldObject.spec.${field}) ? oldObject.spec.${field} : '')`;

/** Returns the spec of the ValidatingAdmissionPolicy for the ServiceAccount. */
export function policySpec(
  account: { readonly namespace: string; readonly name: string },
  needs: AccessNeeds = {},
) {
  const user = `system:serviceaccount:${account.namespace}:${account.name}`;
  const optional = ofOptions(needs);
  return {
    failurePolicy: "Fail",
    matchConstraints: {
      resourceRules: [
        rule("", "secrets", "CREATE", "UPDATE", "DELETE"),
        rule("", "nodes", "UPDATE", "DELETE"),
        ...optional.resourceRules,
      ],
    },
    matchConditions: [{ name: "identity", expression: `request.userInfo.username == '${user}'` }],
    variables: [
      { name: "subject", expression: "request.operation == 'DELETE' ? oldObject : object" },
      ...optional.variables,
    ],
    validations: [
      {
        expression: about(
          "secrets",
          [
            "variables.subject.type == 'bootstrap.kubernetes.io/token'",
            "variables.subject.metadata.name.startsWith('bootstrap-token-')",
            `variables.subject.data.all(key, key in [${tokenKeys.map((key) => `'${key}'`).join(", ")}])`,
            "'expiration' in variables.subject.data",
            `variables.subject.data['auth-extra-groups'] == '${tokenGroups}'`,
          ].join(" && "),
        ),
        reason: "Forbidden",
        message:
          "nodepools creates and deletes bootstrap tokens with which a node joins, and no other Secret",
      },
      {
        expression: about(
          "nodes",
          [isWorker("oldObject"), `(request.operation == 'DELETE' || ${isWorker("object")})`].join(" && "),
        ),
        reason: "Forbidden",
        message: "nodepools changes and deletes no Node of the control plane, and makes none",
      },
      {
        expression: about(
          "nodes",
          `request.operation == 'DELETE' || (${[isKept("finalizers"), isKept("ownerReferences"), ...fixedSpec.map(isKeptSpec)].join(" && ")})`,
        ),
        reason: "Forbidden",
        message: "nodepools changes labels, annotations, taints and the cordon of a Node, nothing else",
      },
      ...optional.validations,
    ],
  };
}
