// What the pods of hooks may reach: as much as some declared hook of their namespace does, and no more. Which programs
// they run is free, so that a hook gets a new image or command without an administrator. Pure.
import { type DeclaredJob, DeclaredReach, listOf } from "./declared-reach.ts";

// Fields by which a pod reaches nothing by themselves, or that are looked at one by one below.
const podFields = [
  ...["activeDeadlineSeconds", "affinity", "automountServiceAccountToken", "containers", "dnsConfig"],
  ...["dnsPolicy", "enableServiceLinks", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "hostname"],
  ...["imagePullSecrets", "initContainers", "nodeSelector", "os", "preemptionPolicy", "resources"],
  ...["restartPolicy", "schedulerName", "securityContext", "serviceAccount", "serviceAccountName"],
  ...["setHostnameAsFQDN", "shareProcessNamespace", "subdomain", "terminationGracePeriodSeconds"],
  ...["tolerations", "topologySpreadConstraints", "volumes"],
];
const users = ["runAsGroup", "runAsNonRoot", "runAsUser", "seccompProfile"];
const podSecurity = [
  ...users,
  ...["fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy"],
];
const containerSecurity = [
  ...users,
  ...["allowPrivilegeEscalation", "capabilities", "privileged", "procMount", "readOnlyRootFilesystem"],
];
const volumeFields = [
  ...["name", "configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"],
];
const secretPlaces = [
  ...[".volumes*.secret.secretName", ".volumes*.projected.sources*.secret.name"],
  ...[".containers*.envFrom*.secretRef.name", ".containers*.env*.valueFrom.secretKeyRef.name"],
  ".imagePullSecrets*.name",
];

/** Names that expressions of the policy use for parts of a Job. */
export const podVariables = [
  { name: "pod", expression: "object.spec.template.spec" },
  {
    name: "containers",
    expression:
      "variables.pod.containers + (has(variables.pod.initContainers) ? variables.pod.initContainers : [])",
  },
];

/** Returns an expression that is true for a Job whose pods reach no more than those of these Jobs together. */
export function reachesNoMoreThan(jobs: readonly DeclaredJob[]): string {
  const reach = new DeclaredReach(jobs);
  const secrets = reach.named(secretPlaces);
  return all([
    ...podItself(reach),
    each("variables.pod.imagePullSecrets", "secret", `secret.name in ${secrets}`),
    each("variables.pod.volumes", "volume", volume(reach, secrets)),
    `variables.containers.all(container, ${all(container(reach, secrets))})`,
  ]);
}

const pod = "variables.pod";

function podItself(reach: DeclaredReach): string[] {
  const security = `${pod}.securityContext`;
  return [
    onlyFields(pod, reach.fields("", podFields)),
    `(has(${pod}.serviceAccountName) ? ${pod}.serviceAccountName : 'default') in ${listOf(reach.accounts)}`,
    ...["hostIPC", "hostNetwork", "hostPID"].flatMap((field) =>
      unless(reach.isOn(`.${field}`), isOff(`${pod}.${field}`)),
    ),
    ifThere(`${pod}.priorityClassName`, `${pod}.priorityClassName in ${reach.named([".priorityClassName"])}`),
    ifThere(security, onlyFields(security, reach.fields(".securityContext", podSecurity))),
  ];
}

function volume(reach: DeclaredReach, secrets: string): string[] {
  const claims = reach.named([".volumes*.persistentVolumeClaim.claimName"]);
  const source = ifThere("source.secret", `source.secret.name in ${secrets}`);
  return [
    onlyFields("volume", reach.fields(".volumes*", volumeFields)),
    ifThere("volume.secret", `volume.secret.secretName in ${secrets}`),
    ifThere("volume.persistentVolumeClaim", `volume.persistentVolumeClaim.claimName in ${claims}`),
    ifThere("volume.hostPath", `volume.hostPath.path in ${reach.named([".volumes*.hostPath.path"])}`),
    ifThere("volume.projected", each("volume.projected.sources", "source", source)),
  ];
}

function container(reach: DeclaredReach, secrets: string): string[] {
  const ofSecret = `!has(entry.valueFrom) || !has(entry.valueFrom.secretKeyRef) || entry.valueFrom.secretKeyRef.name in ${secrets}`;
  const onHostNetwork = reach.isOn(".hostNetwork") || reach.values(".containers*.ports*.hostPort").length > 0;
  return [
    each("container.envFrom", "from", ifThere("from.secretRef", `from.secretRef.name in ${secrets}`)),
    each("container.env", "entry", ofSecret),
    ...unless(onHostNetwork, each("container.ports", "port", "!has(port.hostPort) || port.hostPort == 0")),
    ifThere("container.securityContext", all(privileges(reach))),
  ];
}

function privileges(reach: DeclaredReach): string[] {
  const [security, place] = ["container.securityContext", ".containers*.securityContext"];
  const capabilities = reach.named([`${place}.capabilities.add*`]);
  return [
    onlyFields(security, reach.fields(place, containerSecurity)),
    ...unless(reach.isOn(`${place}.privileged`), isOff(`${security}.privileged`)),
    ifThere(
      `${security}.procMount`,
      `${security}.procMount in ${reach.named([`${place}.procMount`], "Default")}`,
    ),
    ifThere(
      `${security}.capabilities`,
      each(`${security}.capabilities.add`, "capability", `capability in ${capabilities}`),
    ),
  ];
}

const all = (conditions: readonly string[]) => conditions.map((one) => `(${one})`).join(" && ");
const unless = (isDeclared: boolean, condition: string) => (isDeclared ? [] : [condition]);
const ifThere = (field: string, condition: string) => `!has(${field}) || (${condition})`;
const isOff = (field: string) => ifThere(field, `!${field}`);
const onlyFields = (map: string, fields: string) => `${map}.all(field, field in ${fields})`;

function each(list: string, item: string, condition: string | readonly string[]): string {
  const conditions = typeof condition === "string" ? condition : all(condition);
  return `!has(${list}) || ${list}.all(${item}, ${conditions})`;
}
