// The shape of `drain`, of a pool and of a host. Pure.

import { drainDefaults } from "../model/defaults.ts";
import { drainActions, podLabelModes } from "../model/drain-policy.ts";
import { definedOnly, flag, flagOr, listOf, mapOf, oneOf, text, wholeNumber } from "./fields.ts";
import { dnsLabelFault, labelSelectorFault } from "./kubernetes-syntax.ts";

/** Seconds of the longest time that a node may take for anything. */
export const oneDay = 86_400;

const seconds = (least: number) => wholeNumber("a whole number of seconds", least, oneDay);
const selector = () => text("a label selector", labelSelectorFault).optional();

// Kubernetes' int32, as in Cluster API's MachineDrainRule.
const lowestOrder = -(2 ** 31);

/** Fields of a rule; see DrainRuleArgs for meaning, defaults and change effects. */
export const ruleFields = {
  name: text("a rule name", (name) => dnsLabelFault(name, "a rule name")),
  pods: selector(),
  namespaces: selector(),
  action: oneOf("an action", drainActions),
  order: wholeNumber("a whole number", lowestOrder, -lowestOrder - 1).optional(),
};

/** Fields of `drain`; see DrainArgs for meaning, defaults and change effects. */
export const drainFields = {
  timeoutSeconds: seconds(10).optional(),
  gracePeriodSeconds: seconds(0).optional(),
  deleteEmptyDirData: flag().optional(),
  force: flag().optional(),
  podSelector: selector(),
  skipWaitForDeleteTimeoutSeconds: seconds(1).optional(),
  volumeDetachTimeoutSeconds: seconds(10).optional(),
  waitForReplacements: flagOr(
    "true, false or a whole number of seconds",
    wholeNumber("a whole number of seconds", 10, oneDay),
    `allowed: true, false, 10 to ${oneDay}`,
  ).optional(),
  onTimeout: oneOf("a reaction to the timeout", ["fail", "deletePods"]).optional(),
  onFailure: oneOf("a reaction to a failure", ["leaveCordoned", "restore"]).optional(),
  evictDaemonSetPods: flag().optional(),
  podLabels: oneOf("what becomes of labels on pods", podLabelModes).optional(),
  podAnnotations: oneOf("what becomes of annotations on pods", podLabelModes).optional(),
  rules: listOf(mapOf(ruleFields, "a rule with name and action"), "a list of rules").optional(),
};

const what = "a map of drain options";

/** Schema of a host's `drain`: the fields that differ from its pool's. */
export const hostDrainSchema = mapOf(drainFields, what).transform(definedOnly);

/** Schema of a pool's `drain`. */
export const poolDrainSchema = mapOf(
  {
    ...drainFields,
    timeoutSeconds: drainFields.timeoutSeconds.default(drainDefaults.timeoutSeconds),
    deleteEmptyDirData: drainFields.deleteEmptyDirData.default(drainDefaults.deleteEmptyDirData),
    force: drainFields.force.default(drainDefaults.force),
  },
  what,
).transform(definedOnly);
