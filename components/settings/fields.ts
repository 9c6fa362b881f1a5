// Builders for the schema's fields: each refuses a value of the wrong kind in words that say what to write instead. Pure.
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { didYouMean, show } from "./problem.ts";

/** Text known now, or only once another resource exists. */
export type TextOrOutput = string | pulumi.Output<string>;

/** Says what is wrong with a text, or nothing. */
export type TextRule = (text: string) => string | undefined;

/** Describes a missing, empty or wrong-kinded value; `what` names the wanted one with its article. */
export function wrongKind(given: unknown, what: string): string {
  if (given === undefined) return `missing. Give ${what}.`;
  if (given === null) return `empty. Give ${what}, or leave the key out.`;
  return `${show(given)} is not ${what}.`;
}

function notText(given: unknown, what: string, original?: (given: unknown) => string): string {
  const isScalar = typeof given === "number" || typeof given === "boolean";
  if (!isScalar) return wrongKind(given, what);
  return `${wrongKind(given, what)} Write it in quotes: "${original?.(given) ?? given}"${original ? "." : whatIsLost(given)}`;
}

// Without quotes YAML makes another value of what is written, and only that arrives here: 1.30 is 1.3, 1e3 is 1000.
function whatIsLost(given: number | boolean): string {
  const isWhole = Number.isSafeInteger(given) || typeof given === "boolean";
  return isWhole ? "." : ", with the digits that it is meant to have: without quotes they were lost.";
}

/** How Go writes a time: what the Pulumi CLI makes of a date without quotes. */
const goTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) ([+-]\d\d)(\d\d) \S+$/;

function dateWithoutQuotes(given: string): string | undefined {
  const [, day, time, hours, minutes] = goTime.exec(given) ?? [];
  if (day === undefined) return undefined;
  const zone = hours === "+00" ? "Z" : `${hours}:${minutes}`;
  const likely = time === "00:00:00" && zone === "Z" ? day : `${day}T${time}${zone}`;
  return `a date without quotes, of which the Pulumi CLI made ${show(given)}. Write it in quotes: "${likely}".`;
}

/** Reports a fault at the value that is being checked; shaped for zod's superRefine. */
function reporting(rule: TextRule) {
  return (value: string, context: z.RefinementCtx): void => {
    const fault = dateWithoutQuotes(value) ?? rule(value);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  };
}

/** A text that a rule accepts; `original` says how a value without quotes must have been written, where that is known. */
export function text(what: string, rule: TextRule = () => undefined, original?: (given: unknown) => string) {
  return z.string({ error: ({ input }) => notText(input, what, original) }).superRefine(reporting(rule));
}

/** A text that is never shown, not even when it is of the wrong kind. */
export function secretText(what: string) {
  return z
    .string({
      error: ({ input }) => (input === undefined ? wrongKind(input, what) : `not ${what}.${unquoted(input)}`),
    })
    .min(1, `empty. Give ${what}, or leave the key out.`)
    .meta({ writeOnly: true });
}

function unquoted(given: unknown): string {
  return typeof given === "number" || typeof given === "boolean" ? " Write it in quotes." : "";
}

/** Says of a text that only its quotes are wrong; `wanted` is what it would be without them. */
export function quotesTooMany(given: unknown): string {
  if (typeof given !== "string") return "";
  if (/^-?\d+$/.test(given)) return ` Write it without quotes: ${Number(given)}.`;
  const word = given.toLowerCase();
  if (["true", "yes", "on"].includes(word)) return " Write true, without quotes.";
  return ["false", "no", "off"].includes(word) ? " Write false, without quotes." : "";
}

/** A text that a rule accepts, or an Output, which cannot be looked at yet. */
export function textOrOutput(what: string, rule: TextRule) {
  const either = z.custom<TextOrOutput>().superRefine((value: unknown, context) => {
    if (pulumi.Output.isInstance(value)) return;
    if (typeof value === "string") return reporting(rule)(value, context);
    context.addIssue({ code: "custom", message: notText(value, what) });
  });
  return either.meta({ type: "string" });
}

/** A whole number within bounds; `what` includes the unit. */
export function wholeNumber(what: string, least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  const error = ({ input }: { input?: unknown }) =>
    `${wrongKind(input, what).slice(0, -1)}; allowed: ${range}.${quotesTooMany(input)}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** True or false. */
export function flag() {
  return z.boolean({ error: ({ input }) => wrongKind(input, "true or false") + quotesTooMany(input) });
}

/** True, false, or a value of another kind; `allowed` says which. */
export function flagOr<Value extends z.ZodType>(what: string, value: Value, allowed: string) {
  const error = ({ input }: { input?: unknown }) => `${wrongKind(input, what).slice(0, -1)}; ${allowed}.`;
  return z.union([z.boolean(), value], { error });
}

/** One of a few words. */
export function oneOf<const Word extends string>(what: string, words: readonly Word[]) {
  const error = ({ input }: { input?: unknown }) => {
    const hint = typeof input === "string" ? didYouMean(input, words) : "";
    return `${wrongKind(input, what).slice(0, -1)}; allowed: ${words.join(", ")}.${hint}`;
  };
  return z.enum(words, { error });
}

// The content of a misplaced text does not matter where a list or a map belongs, and it may be a secret.
function notStructured(given: unknown, what: string): string {
  return typeof given === "string" ? `a text is not ${what}.` : wrongKind(given, what);
}

/** A list whose elements follow one schema. */
export function listOf<Element extends z.ZodType>(element: Element, what: string) {
  return z.array(element, { error: ({ input }) => notStructured(input, what) }).readonly();
}

/** A map with exactly these keys. */
export function mapOf<Shape extends z.ZodRawShape>(shape: Shape, what: string) {
  return z.strictObject(shape, { error: ({ input }) => notStructured(input, what) });
}

/** A map from keys that a rule accepts to values that follow one schema. */
export function keyedMap<Value extends z.ZodType>(what: string, keyRule: TextRule, value: Value) {
  const key = z.string().superRefine(reporting(keyRule));
  return z.record(key, value, { error: ({ input }) => notStructured(input, what) });
}

/** A value whose optional fields are absent or defined. */
type Defined<Value> = Value extends readonly (infer Element)[]
  ? readonly Defined<Element>[]
  : Value extends object
    ? { [Field in keyof Value]: Defined<Exclude<Value[Field], undefined>> }
    : Value;

/** Returns lists, maps and scalars without fields that are undefined, at any depth. */
export function definedOnly<Value>(value: Value): Defined<Value> {
  return strip(value) as Defined<Value>;
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== "object" || value === null) return value;
  const defined = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(defined.map(([key, field]) => [key, strip(field)]));
}
