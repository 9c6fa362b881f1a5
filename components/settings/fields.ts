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

function notText(given: unknown, what: string): string {
  const isScalar = typeof given === "number" || typeof given === "boolean";
  return wrongKind(given, what) + (isScalar ? ` Write it in quotes: "${given}".` : "");
}

/** Reports a fault at the value that is being checked; shaped for zod's superRefine. */
function reporting(rule: TextRule) {
  return (value: string, context: z.RefinementCtx): void => {
    const fault = rule(value);
    if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
  };
}

/** A text that a rule accepts. */
export function text(what: string, rule: TextRule = () => undefined) {
  return z.string({ error: ({ input }) => notText(input, what) }).superRefine(reporting(rule));
}

/** A text that is never shown, not even when it is of the wrong kind. */
export function secretText(what: string) {
  return z
    .string({ error: ({ input }) => (input === undefined ? wrongKind(input, what) : `not ${what}.`) })
    .min(1, `empty. Give ${what}, or leave the key out.`)
    .meta({ writeOnly: true });
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
    `${wrongKind(input, what).slice(0, -1)}; allowed: ${range}.`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** True or false. */
export function flag() {
  return z.boolean({ error: ({ input }) => wrongKind(input, "true or false") });
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
