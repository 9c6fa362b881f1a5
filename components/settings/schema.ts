// The shape of the stack config: every key of `nodepools:cluster`, `nodepools:ssh` and `nodepools:pools`, field by field.
// What values mean together (duplicates, counts, files) is checked elsewhere. Pure.
import { z } from "zod";
import { defaultHostState, poolDefaults } from "../model/defaults.ts";
import { hostStates } from "../model/host.ts";
import { taintEffects } from "../model/taint.ts";
import { drainFields, hostDrainSchema, oneDay, poolDrainSchema, ruleFields } from "./drain-schema.ts";
import {
  definedOnly,
  flag,
  keyedMap,
  listOf,
  mapOf,
  oneOf,
  quotesTooMany,
  secretText,
  text,
  textOrOutput,
  wholeNumber,
  wrongKind,
} from "./fields.ts";
import { hookFields, hooksFields, hooksSchema, jobFields } from "./hook-schema.ts";
import { dnsLabelFault, metadataKeyFault, metadataValueFault, nodeNameFault } from "./kubernetes-syntax.ts";
import { prepareFields, prepareSchema } from "./prepare-schema.ts";
import { show } from "./problem.ts";
import { knownSshFields } from "./ssh-schema.ts";
import { addressFault, hostKeyFault, loginFault, stripKeyComment } from "./ssh-syntax.ts";
import { knownVerifyFields, verifySchema } from "./verify-schema.ts";

const filledIn = (given: string) =>
  given === "" ? "empty. Write a value, or leave the key out." : undefined;

const accessFields = {
  /**
   * Namespace of the ServiceAccount and of the inventory; it must exist. Default: kube-system. Change effect: both are
   * replaced, and existing ServiceAccount tokens stop working.
   */
  namespace: text("the name of a namespace", (name) => dnsLabelFault(name, "a namespace")).optional(),
};

const clusterFields = {
  /**
   * Path of a kubeconfig, relative to the project's folder, or its whole text as a secret. It is read anew by every
   * operation. Change effect: in place.
   */
  kubeconfig: secretText("the path of a kubeconfig, or its text as a secret"),
  /** Context of the kubeconfig; default: its current one. Change effect: in place, if it is the same cluster. */
  context: text("the name of a context of the kubeconfig", filledIn).optional(),
  /** Declares an identity with just the rights that are used, and the inventory of the pools; absent declares neither. */
  access: mapOf(accessFields, "a map, which may be empty: {}").optional(),
  /** Checks of your own that must hold before nodes are taken away or down, and after. Change effect: at the next run. */
  verify: verifySchema.optional(),
};

const taintFields = {
  key: text("a taint key", (key) => metadataKeyFault(key, "taint")),
  value: text("a taint value", (value) => metadataValueFault(value, "taint")).optional(),
  effect: oneOf("a taint effect", taintEffects),
};

// Pools and hosts carry the same metadata; see PoolArgs and HostArgs for meaning, defaults and change effects.
const metadataFields = {
  labels: keyedMap(
    "a map of labels",
    (key) => metadataKeyFault(key, "label"),
    text("a label value", (value) => metadataValueFault(value, "label")),
  ).default({}),
  taints: listOf(mapOf(taintFields, "a taint with key, value and effect"), "a list of taints").default([]),
  annotations: keyedMap(
    "a map of annotations",
    (key) => metadataKeyFault(key, "annotation"),
    text("an annotation's text"),
  ).default({}),
};

const criSocket = text("the URL of a runtime's socket", (url) =>
  /^unix:\/\/\/[^\s"'\\]+$/.test(url)
    ? undefined
    : `${show(url)} is not the URL of a socket. Write it as kubeadm takes it, such as "unix:///run/crio/crio.sock".`,
);

const hostFields = {
  name: text("a Node name", nodeNameFault),
  address: textOrOutput("an IP address or a DNS name", addressFault),
  hostKey: textOrOutput("the host's public key", hostKeyFault)
    .transform((key) => (typeof key === "string" ? stripKeyComment(key) : key))
    .optional(),
  user: text("a login name", loginFault).optional(),
  port: wholeNumber("a TCP port", 1, 65535).optional(),
  state: oneOf("a host's state", hostStates).default(defaultHostState),
  ...metadataFields,
  drain: hostDrainSchema.optional(),
  criSocket: criSocket.optional(),
  rebootTrigger: text("a text", filledIn).optional(),
  rejoinTrigger: text("a text", filledIn).optional(),
};

const percent = /^([1-9]\d?|100)%$/;
const someNodes = (least: number) => {
  const either = z.custom<number | string>().superRefine((given: unknown, context) => {
    const isNumber = typeof given === "number" && Number.isInteger(given) && given >= least;
    if (isNumber || (typeof given === "string" && percent.test(given))) return;
    const message = `${wrongKind(given, "a number or share of nodes").slice(0, -1)}; allowed: a whole number from ${least}, or "1%" to "100%" of the pool.${quotesTooMany(given)}`;
    context.addIssue({ code: "custom", message });
  });
  const share = { type: "string", pattern: percent.source };
  return either.meta({ anyOf: [{ type: "integer", minimum: least }, share] });
};

const limitsFields = {
  maxRemovals: someNodes(0).optional(),
  minReady: wholeNumber("a whole number of nodes", 1).optional(),
  refuseKnownFailures: flag().optional(),
};

const poolFields = {
  name: text("a pool name", (name) => dnsLabelFault(name, "a pool name")),
  count: wholeNumber("a whole number of nodes", 0).optional(),
  ...metadataFields,
  maxUnavailable: someNodes(1).default(poolDefaults.maxUnavailable),
  readyTimeoutSeconds: wholeNumber("a whole number of seconds", 10, oneDay).default(
    poolDefaults.readyTimeoutSeconds,
  ),
  drain: poolDrainSchema.prefault({}),
  hooks: hooksSchema.optional(),
  limits: mapOf(limitsFields, "a map of limits").transform(definedOnly).optional(),
  criSocket: criSocket.optional(),
  prepare: prepareSchema.optional(),
  hosts: listOf(mapOf(hostFields, "a host with name and address"), "a list of hosts"),
};

const fileOf = (what: string) => text(`the path of a file of ${what}`, filledIn);

const declaredPoolFields = {
  ...poolFields,
  hosts: poolFields.hosts.optional(),
  /**
   * Instead of hosts: a file with that list, relative to the project's folder; YAML, or CSV with a header.
   * Change effect: as that of hosts.
   */
  hostsFile: fileOf("hosts").optional(),
};

/** Schema of a pool as it is written down; what is parsed has its hosts already (`loadInventory`). */
const declaredPool = mapOf(declaredPoolFields, "a pool with name and hosts").meta({
  oneOf: [oneForm("hosts"), oneForm("hostsFile")],
});

function oneForm(field: string) {
  return {
    properties: { [field]: { description: "The pool's hosts, in one of both forms." } },
    required: [field],
  };
}

/** Schema of `nodepools:pools` as it is written down, and of a file of pools. */
export const declaredPoolsSchema = listOf(declaredPool, "a list of pools");

/** Schema of a file of hosts. */
export const hostsSchema = poolFields.hosts;

/** Schema of `nodepools:poolsFile`. */
export const poolsFileSchema = fileOf("pools");

/** Schema of `nodepools:cluster`. */
export const clusterSchema = mapOf(clusterFields, "a map with kubeconfig");

/** Schema of `nodepools:pools`. */
export const poolsSchema = listOf(mapOf(poolFields, "a pool with name and hosts"), "a list of pools");

/** Lists the field names of each map by the key under which it stands; their order is the order of messages. */
export const knownFields: Readonly<Record<string, readonly string[]>> = {
  "": ["cluster", "ssh", "pools", "poolsFile"],
  cluster: Object.keys(clusterFields),
  access: Object.keys(accessFields),
  ...knownVerifyFields,
  ...knownSshFields,
  pools: Object.keys(declaredPoolFields),
  drain: Object.keys(drainFields),
  rules: Object.keys(ruleFields),
  hooks: Object.keys(hooksFields),
  ...Object.fromEntries(Object.keys(hooksFields).map((point) => [point, Object.keys(hookFields)])),
  job: Object.keys(jobFields),
  limits: Object.keys(limitsFields),
  prepare: Object.keys(prepareFields),
  hosts: Object.keys(hostFields),
  taints: Object.keys(taintFields),
};
