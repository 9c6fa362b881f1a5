// The shape of the stack config: every key of `nodepools:cluster`, `nodepools:ssh` and `nodepools:pools`, field by field.
// What values mean together (duplicates, counts, files) is checked elsewhere. Pure.
import { z } from "zod";
import { hostStates } from "../model/host.ts";
import { taintEffects } from "../model/taint.ts";
import { defaultHostState, drainDefaults, loginDefaults, poolDefaults } from "./defaults.ts";
import {
  flag,
  listOf,
  mapOf,
  oneOf,
  secretText,
  text,
  textMap,
  textOrOutput,
  wholeNumber,
  wrongKind,
} from "./fields.ts";
import { metadataKeyFault, metadataValueFault, nodeNameFault, poolNameFault } from "./kubernetes-syntax.ts";
import { show } from "./problem.ts";
import { addressFault, hostKeyFault, stripKeyComment } from "./ssh-syntax.ts";

const filledIn = (given: string) =>
  given === "" ? "empty. Write a value, or leave the key out." : undefined;

const clusterFields = {
  /**
   * Path of a kubeconfig, relative to the project's folder, or its whole text as a secret. It is read anew by every
   * operation. Change effect: in place.
   */
  kubeconfig: secretText("the path of a kubeconfig, or its text as a secret"),
  /** Context of the kubeconfig; default: its current one. Change effect: in place, if it is the same cluster. */
  context: text("the name of a context of the kubeconfig", filledIn).optional(),
};

const sshFields = {
  /** Login on every host that names none; default root. Any other needs passwordless sudo. Change effect: in place. */
  user: text("a login name", filledIn).default(loginDefaults.user),
  /** TCP port of sshd on every host that names none; default 22. Change effect: in place. */
  port: wholeNumber("a TCP port", 1, 65535).default(loginDefaults.port),
  /** Path of a private key, relative to the project's folder. Change effect: in place. */
  privateKeyFile: secretText("the path of a private key").optional(),
  /** Text of a private key, as a secret. Change effect: in place. */
  privateKey: secretText("the text of a private key, as a secret").optional(),
  /** Passphrase of the private key, as a secret. Change effect: in place. */
  privateKeyPassphrase: secretText("a text, as a secret").optional(),
  /** True takes the keys of the SSH agent at $SSH_AUTH_SOCK. Change effect: in place. */
  agent: z
    .literal(true, { error: ({ input }) => `${wrongKind(input, "true")} Leave it out otherwise.` })
    .optional(),
  /** Path of an SSH agent's socket. Change effect: in place. */
  agentSocket: text("the path of an agent's socket", filledIn).optional(),
  /** Login password, as a secret; a key is better. Change effect: in place. */
  password: secretText("a text, as a secret").optional(),
  /** Path of a known_hosts file with the keys of hosts that declare no hostKey. Change effect: in place. */
  knownHostsFile: text("the path of a known_hosts file", filledIn).optional(),
};

const taintFields = {
  key: text("a taint key", (key) => metadataKeyFault(key, "taint")),
  value: text("a taint value", (value) => metadataValueFault(value, "taint")).optional(),
  effect: oneOf("a taint effect", taintEffects),
};

// Pools and hosts carry the same metadata; see PoolArgs and HostArgs for meaning, defaults and change effects.
const metadataFields = {
  labels: textMap(
    "a map of labels",
    (key) => metadataKeyFault(key, "label"),
    text("a label value", (value) => metadataValueFault(value, "label")),
  ).default({}),
  taints: listOf(mapOf(taintFields, "a taint with key, value and effect"), "a list of taints").default([]),
  annotations: textMap(
    "a map of annotations",
    (key) => metadataKeyFault(key, "annotation"),
    text("an annotation's text"),
  ).default({}),
};

/** Lists the states that the program carries through today. */
const supportedStates = ["active", "cordoned", "spare"] as const satisfies (typeof hostStates)[number][];

/** Names what a host may be declared to be today. */
export type SupportedState = (typeof supportedStates)[number];

function unsupportedState(given: unknown): string {
  return hostStates.some((state) => state === given) ? ` ${show(given)} is not supported yet.` : "";
}

const hostFields = {
  name: text("a Node name", nodeNameFault),
  address: textOrOutput("an IP address or a DNS name", addressFault),
  hostKey: textOrOutput("the host's public key", hostKeyFault)
    .transform((key) => (typeof key === "string" ? stripKeyComment(key) : key))
    .optional(),
  user: text("a login name", filledIn).optional(),
  port: wholeNumber("a TCP port", 1, 65535).optional(),
  state: oneOf("a host's state", supportedStates, unsupportedState).default(defaultHostState),
  ...metadataFields,
  rejoinTrigger: text("a text", filledIn).optional(),
};

const oneDay = 86_400;

const drainFields = {
  timeoutSeconds: wholeNumber("a whole number of seconds", 10, oneDay).default(drainDefaults.timeoutSeconds),
  gracePeriodSeconds: wholeNumber("a whole number of seconds", 0, oneDay).optional(),
  deleteEmptyDirData: flag().default(drainDefaults.deleteEmptyDirData),
  force: flag().default(drainDefaults.force),
};

const percent = /^([1-9]\d?|100)%$/;
const someNodes = z.custom<number | string>().superRefine((given: unknown, context) => {
  const isNumber = typeof given === "number" && Number.isInteger(given) && given >= 1;
  if (isNumber || (typeof given === "string" && percent.test(given))) return;
  const message = `${wrongKind(given, "a number or share of nodes").slice(0, -1)}; allowed: a whole number from 1, or "1%" to "100%" of the pool.`;
  context.addIssue({ code: "custom", message });
});

const poolFields = {
  name: text("a pool name", poolNameFault),
  count: wholeNumber("a whole number of nodes", 0).optional(),
  ...metadataFields,
  maxUnavailable: someNodes.default(poolDefaults.maxUnavailable),
  readyTimeoutSeconds: wholeNumber("a whole number of seconds", 10, oneDay).default(
    poolDefaults.readyTimeoutSeconds,
  ),
  drain: mapOf(drainFields, "a map of drain options").prefault({}),
  hosts: listOf(mapOf(hostFields, "a host with name and address"), "a list of hosts"),
};

/** Schema of `nodepools:cluster`. */
export const clusterSchema = mapOf(clusterFields, "a map with kubeconfig");

/** Schema of `nodepools:ssh`. */
export const sshSchema = mapOf(sshFields, "a map with a credential");

/** Schema of `nodepools:pools`. */
export const poolsSchema = listOf(mapOf(poolFields, "a pool with name and hosts"), "a list of pools");

/** Lists the field names of each map by the key under which it stands; their order is the order of messages. */
export const knownFields: Readonly<Record<string, readonly string[]>> = {
  "": ["cluster", "ssh", "pools"],
  cluster: Object.keys(clusterFields),
  ssh: Object.keys(sshFields),
  pools: Object.keys(poolFields),
  drain: Object.keys(drainFields),
  hosts: Object.keys(hostFields),
  taints: Object.keys(taintFields),
};

/** Lists keys that are planned but do nothing today, and are therefore refused. */
export const plannedFields: readonly string[] = ["bastion", "rebootTrigger", "limits"];
