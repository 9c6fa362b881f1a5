// The shape of `verify` of `nodepools:cluster`, and what it becomes. Pure.
import type { z } from "zod";
import { verifyDefaults } from "../model/defaults.ts";
import type { Check, Verification } from "../model/verification.ts";
import { listOf, mapOf, oneOf, text, wholeNumber } from "./fields.ts";
import { dnsLabelFault, labelSelectorFault, nodeNameFault } from "./kubernetes-syntax.ts";
import { show } from "./problem.ts";
import { parseConfigValue } from "./raw-config.ts";

const owners = ["Deployment", "ReplicaSet", "StatefulSet"] as const;

const checkFields = {
  /** Name of the check, for messages. Change effect: at the next run. */
  name: text("the name of a check", (name) => dnsLabelFault(name, "the name of a check")),
  /** Namespace of what is looked at in the cluster. Change effect: at the next run. */
  namespace: text("the name of a namespace", (name) => dnsLabelFault(name, "a namespace")).optional(),
  /** Service that must answer, through the API server, with a status below 400. Change effect: at the next run. */
  service: text("the name of a service", (name) => dnsLabelFault(name, "a service")).optional(),
  /** Name or number, in quotes, of the service's port; default: its only one. Change effect: at the next run. */
  port: text("the name or number of a port, in quotes", portFault).optional(),
  /** Default http. A certificate is not checked by the API server. Change effect: at the next run. */
  scheme: oneOf("a scheme", ["http", "https"]).optional(),
  /** Path that the service is asked for; default /. Change effect: at the next run. */
  path: text("a path", pathFault).optional(),
  /** Address that must answer, from where Pulumi runs, with a status below 400. Change effect: at the next run. */
  url: text("an http or https address", urlFault).optional(),
  /** Kind/name of an owner that must have the Ready pods that it wants, such as Deployment/cart. Change effect: at the next run. */
  workload: text("the kind and name of an owner", workloadFault).optional(),
  /** Label selector of pods that must be there and Ready. Change effect: at the next run. */
  pods: text("a label selector", labelSelectorFault).optional(),
};

const kinds = ["service", "url", "workload", "pods"] as const;
type Kind = (typeof kinds)[number];
const ofService = ["port", "scheme", "path"] as const;

const fieldsOfCheck = mapOf(checkFields, "a check with name and what it looks at");

type DeclaredCheck = Readonly<z.output<typeof fieldsOfCheck>>;

const checkSchema = fieldsOfCheck.superRefine((check, context) => {
  const message = targetFault(check);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

function targetFault(check: DeclaredCheck): string | undefined {
  const given = kinds.filter((kind) => check[kind] !== undefined);
  const [kind] = given;
  if (kind !== undefined && given.length === 1) return namespaceFault(kind, check) ?? fieldFault(kind, check);
  const what = kind === undefined ? "nothing to look at" : `several things to look at (${given.join(", ")})`;
  return `${what}. Give one of ${kinds.join(", ")}; a further check has an entry of its own.`;
}

function namespaceFault(kind: Kind, { namespace }: DeclaredCheck): string | undefined {
  if (kind !== "url" && namespace === undefined)
    return `namespace is missing. Give the one in which ${kind} is to be found.`;
  if (kind === "url" && namespace !== undefined)
    return "namespace has no meaning for a url. Remove it, or give service in its place.";
  return undefined;
}

function fieldFault(kind: Kind, check: DeclaredCheck): string | undefined {
  const stray = ofService.filter((field) => kind !== "service" && check[field] !== undefined);
  if (stray.length > 0)
    return `${stray.join(", ")}: only for a service. Leave it out here, or put it into the url.`;
  if (check.scheme === "https" && check.port === undefined)
    return "scheme https needs the service's port. Give it by name or number, in quotes.";
  return undefined;
}

const verifyFields = {
  /** Checks that must hold before the first node is cordoned, after each drain and in the end. Change effect: at the next run. */
  checks: listOf(checkSchema, "a list of checks"),
  /** How long the checks may take to hold after a drain and in the end, in seconds, 1 to 86400. Change effect: at the next run. */
  withinSeconds: wholeNumber("a whole number of seconds", 1, 86_400).default(verifyDefaults.withinSeconds),
};

/** Schema of `verify`. */
export const verifySchema = mapOf(verifyFields, "a map with checks").superRefine(({ checks }, context) => {
  for (const [at, { name }] of checks.entries()) {
    const first = checks.findIndex((check) => check.name === name);
    if (first === at) continue;
    const message = `${show(name)} is already the name of verify.checks[${first}]. Give each check its own name.`;
    context.addIssue({ code: "custom", message, path: ["checks", at, "name"] });
  }
});

/** Lists the field names of `verify` and of its checks; their order is the order of messages. */
export const knownVerifyFields = { verify: Object.keys(verifyFields), checks: Object.keys(checkFields) };

/** Returns what is declared with every default filled in. */
export function toVerification({ checks, withinSeconds }: z.output<typeof verifySchema>): Verification {
  return { checks: checks.map(toCheck), withinSeconds };
}

function toCheck({ name, namespace = "", ...check }: DeclaredCheck): Check {
  const { service, url, workload, pods: selector = "", port, scheme = "http", path = "/" } = check;
  if (service !== undefined)
    return { name, kind: "service", namespace, service, ...(port !== undefined && { port }), scheme, path };
  if (url !== undefined) return { name, kind: "url", url };
  if (workload === undefined) return { name, kind: "pods", namespace, selector };
  const [kind, owned = ""] = workload.split("/");
  const owner = owners.find((known) => known === kind) ?? "Deployment";
  return { name, kind: "workload", namespace, owner, workload: owned };
}

/** Reads `verify` out of `nodepools:cluster`, given as the engine hands it over; undefined when it is absent, or wrong, which the program reports. */
export function readVerification(clusterValue: string | undefined): Verification | undefined {
  const cluster = parseConfigValue(clusterValue);
  if (typeof cluster !== "object" || cluster === null || !("verify" in cluster)) return undefined;
  const { data } = verifySchema.safeParse(cluster.verify);
  return data === undefined || data.checks.length === 0 ? undefined : toVerification(data);
}

function portFault(port: string): string | undefined {
  const isNumber = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535;
  if (isNumber || /^(?=.*[a-z])[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(port)) return undefined;
  return `${show(port)} is no port; allowed: its number, 1 to 65535, or its name in the service.`;
}

function pathFault(path: string): string | undefined {
  if (/^\/[\x21-\x7e]{0,500}$/.test(path) && !path.includes("#") && !/(^|\/)\.\.?(\/|\?|$)/.test(path))
    return undefined;
  return `${show(path)} is not a path; allowed: "/" and up to 500 further characters of an address, without "#", "." or ".." as a part.`;
}

function workloadFault(workload: string): string | undefined {
  const [kind = "", name, ...more] = workload.split("/");
  if (
    owners.some((known) => known === kind) &&
    name &&
    more.length === 0 &&
    nodeNameFault(name) === undefined
  )
    return undefined;
  return `${show(workload)} is not kind and name of an owner; allowed kinds: ${owners.join(", ")}. Write for example "Deployment/cart".`;
}

/** Addresses are shown in messages and previews. */
function urlFault(url: string): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "https:"].includes(parsed.protocol))
    return "not an http or https address. Write for example https://shop.example.com/healthz.";
  if (parsed.username !== "" || parsed.password !== "")
    return "a user or password is in it, and it is shown in messages. Let the check ask for something that needs none.";
  if (/[^\x21-\x7e]/.test(url) || url.length > 500)
    return "more than 500 characters, or others than an address has. Write it percent-encoded.";
  return undefined;
}
