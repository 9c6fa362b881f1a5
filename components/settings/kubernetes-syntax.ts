// Kubernetes' rules for names, label keys and values, and which keys other writers own. Pure.
// Source: k8s.io/apimachinery/pkg/util/validation. Each rule returns what is wrong, or nothing.
import { isLabelKey, isLabelValue, labelKeyRule, labelValueRule } from "../model/label-syntax.ts";
import { selectorFault } from "../model/selector.ts";
import { show } from "./problem.ts";

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const nameLimit = 63;
const subdomainLimit = 253;

/** What a metadata key is used for; each use has its own reserved keys. */
export type KeyUse = "label" | "annotation" | "taint";

function isDnsLabel(text: string): boolean {
  return text.length <= nameLimit && dnsLabel.test(text);
}

function isDnsSubdomain(text: string): boolean {
  return text.length <= subdomainLimit && text.split(".").every(isDnsLabel);
}

/** Refuses what cannot be the name of a Node: a DNS-1123 subdomain. */
export function nodeNameFault(name: string): string | undefined {
  if (isDnsSubdomain(name)) return undefined;
  const allowed = `lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part; at most ${nameLimit} characters between dots, ${subdomainLimit} in all`;
  return `${show(name)} is not a Node name; allowed: ${allowed}.${suggestion(name, isDnsSubdomain)}`;
}

/** Refuses what cannot be the name of a pool or a rule, which are DNS-1123 labels; `what` names it with its article. */
export function dnsLabelFault(name: string, what: string): string | undefined {
  if (isDnsLabel(name)) return undefined;
  const allowed = `lower-case letters, digits and "-", a letter or digit at both ends; 1 to ${nameLimit} characters`;
  return `${show(name)} is not ${what}; allowed: ${allowed}.${suggestion(name, isDnsLabel)}`;
}

function suggestion(name: string, isValid: (text: string) => boolean): string {
  const corrected = name.toLowerCase().replaceAll("_", "-");
  return isValid(corrected) ? ` Write for example "${corrected}".` : "";
}

/** Refuses a malformed or reserved key of a label, an annotation or a taint. */
export function metadataKeyFault(key: string, use: KeyUse): string | undefined {
  if (!isLabelKey(key)) return `${show(key)} is not ${article(use)} ${use} key; allowed: ${labelKeyRule}.`;
  const owner = ownerOfKey(key, use);
  return owner && `${show(key)} is reserved: ${owner}. Remove it, or choose a key of your own.`;
}

function article(use: KeyUse): string {
  return use === "annotation" ? "an" : "a";
}

/** Refuses a malformed value of a label or a taint; annotations may hold any text. */
export function metadataValueFault(value: string, use: "label" | "taint"): string | undefined {
  if (isLabelValue(value)) return undefined;
  return `${show(value)} is not a ${use} value; allowed: ${labelValueRule}.`;
}

/** Refuses what kubectl would not take as a label selector. */
export function labelSelectorFault(selector: string): string | undefined {
  const fault = selectorFault(selector);
  return fault && `${show(selector)} is not a label selector: ${fault}.`;
}

interface ReservedKeys {
  readonly keys: RegExp;
  readonly uses: readonly KeyUse[];
  readonly owner: string;
}

// A declared key that another writer owns flaps for ever, or misleads that writer.
const reservedKeys: readonly ReservedKeys[] = [
  {
    keys: /^nodepools\.local(\.node-restriction\.kubernetes\.io)?\//,
    uses: ["label", "annotation", "taint"],
    owner: "this program stamps its nodes with such keys",
  },
  {
    keys: /^node-role\.kubernetes\.io\/(control-plane|master)$/,
    uses: ["label", "taint"],
    owner: "it marks control-plane nodes, which pools do not own",
  },
  {
    keys: /^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\//,
    uses: ["taint"],
    owner: "Kubernetes sets and removes it with the node's condition",
  },
  {
    keys: /^(beta\.)?kubernetes\.io\/(hostname|os|arch)$/,
    uses: ["label"],
    owner: "the kubelet sets it",
  },
  {
    keys: /^(kubeadm\.alpha\.kubernetes\.io|node\.alpha\.kubernetes\.io|volumes\.kubernetes\.io|csi\.volume\.kubernetes\.io)\//,
    uses: ["annotation"],
    owner: "kubeadm, the kubelet or a controller sets it",
  },
];

function ownerOfKey(key: string, use: KeyUse): string | undefined {
  return reservedKeys.find(({ keys, uses }) => uses.includes(use) && keys.test(key))?.owner;
}
