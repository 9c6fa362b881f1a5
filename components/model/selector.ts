// Label selectors as kubectl writes them, such as `app=web,tier in (a, b),!legacy`. Pure.
// Syntax and meaning: apimachinery pkg/labels/selector.go, which alone refuses two empty values at a list's end: `(a,,)`.
import { isLabelKey, isLabelValue, labelKeyRule, labelValueRule } from "./label-syntax.ts";

/** One condition on the labels of an object. */
export interface Requirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  /** Empty for Exists and DoesNotExist. */
  readonly values: readonly string[];
}

/** Conditions that all have to hold; an empty list selects everything. */
export type Selector = readonly Requirement[];

/** Tells whether labels meet all requirements. */
export function selects(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every((requirement) => meets(requirement, labels));
}

function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  return meetsOperator(labelValue(labels, key), operator, values);
}

/** Returns the value of a label; a key may be any word, also "constructor", which every object inherits. */
export function labelValue(
  labels: Readonly<Record<string, string>> | undefined,
  key: string,
): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** Tells whether a value, undefined where there is none, meets a condition; by an operator that is not known none does. */
export function meetsOperator(
  value: string | undefined,
  operator: string,
  values: readonly string[],
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}

/**
 * Reads a selector in kubectl's equality-based and set-based syntax; an empty text selects everything. Throws an Error
 * that says what is wrong, and where.
 */
export function parseSelector(text: string): Selector {
  const cursor = { text, tokens: tokensOf(text), at: 0 };
  if (isNext(cursor, "")) return [];
  const requirements = [parseRequirement(cursor)];
  while (takes(cursor, ",")) requirements.push(parseRequirement(cursor));
  demand(cursor, "", '"," or the end');
  return requirements;
}

/** Returns what is wrong with a selector, and where, without quoting it; undefined when nothing is. */
export function selectorFault(text: string): string | undefined {
  try {
    parseSelector(text);
    return undefined;
  } catch (error) {
    if (error instanceof SelectorError) return error.fault;
    throw error;
  }
}

class SelectorError extends Error {
  readonly fault: string;

  constructor({ text, tokens, at }: Cursor, fault: (place: string) => string) {
    const offset = tokens[at]?.offset ?? text.length;
    const described = fault(offset === text.length ? "the end" : `character ${offset + 1}`);
    super(`reading label selector "${text}": ${described}. Correct the selector`);
    this.fault = described;
  }
}

/** A word, an operator or punctuation. */
interface Token {
  readonly text: string;
  readonly offset: number;
}

interface Cursor {
  readonly text: string;
  readonly tokens: readonly Token[];
  at: number;
}

/** Words are whatever stands between operators, punctuation and white space; where they stand decides what they are. */
function tokensOf(text: string): Token[] {
  const found = text.matchAll(/[=!]=|[=!(),<>]|[^=!(),<> \t\r\n]+/g);
  return [...found].map(({ 0: token, index }) => ({ text: token, offset: index }));
}

/** Compares the next token; an empty text stands for the end. */
function isNext({ tokens, at }: Cursor, text: string): boolean {
  return (tokens[at]?.text ?? "") === text;
}

/** Steps over the next token if it is this one. */
function takes(cursor: Cursor, text: string): boolean {
  const isThere = isNext(cursor, text);
  if (isThere) cursor.at += 1;
  return isThere;
}

function demand(cursor: Cursor, text: string, what: string): void {
  if (!takes(cursor, text)) throw new SelectorError(cursor, (place) => `expected ${what} at ${place}`);
}

function parseRequirement(cursor: Cursor): Requirement {
  const isNegated = takes(cursor, "!");
  const key = takeKey(cursor);
  if (isNegated) return { key, operator: "DoesNotExist", values: [] };
  if (isNext(cursor, ",") || isNext(cursor, "")) return { key, operator: "Exists", values: [] };
  if (takes(cursor, "=") || takes(cursor, "==")) return { key, operator: "In", values: [takeValue(cursor)] };
  if (takes(cursor, "!=")) return { key, operator: "NotIn", values: [takeValue(cursor)] };
  if (takes(cursor, "in")) return { key, operator: "In", values: takeValues(cursor) };
  if (takes(cursor, "notin")) return { key, operator: "NotIn", values: takeValues(cursor) };
  throw new SelectorError(cursor, (place) =>
    isNext(cursor, "<") || isNext(cursor, ">")
      ? `"<" and ">" are not supported, at ${place}; list the values, as in size in (4, 8)`
      : `expected =, ==, !=, in, notin, "," or the end at ${place}`,
  );
}

function takeKey(cursor: Cursor): string {
  return takeWord(cursor, isLabelKey, (place) => `expected a label key at ${place}: ${labelKeyRule}`);
}

/** Takes one value; none at all is the empty value. */
function takeValue(cursor: Cursor): string {
  if ([",", ")", ""].some((text) => isNext(cursor, text))) return "";
  return takeWord(cursor, isLabelValue, (place) => `expected a label value at ${place}: ${labelValueRule}`);
}

function takeValues(cursor: Cursor): string[] {
  demand(cursor, "(", '"("');
  const values = new Set([takeValue(cursor)]);
  while (takes(cursor, ",")) values.add(takeValue(cursor));
  demand(cursor, ")", '"," or ")"');
  return [...values];
}

function takeWord(
  cursor: Cursor,
  isValid: (text: string) => boolean,
  fault: (place: string) => string,
): string {
  const word = cursor.tokens[cursor.at]?.text;
  if (word === undefined || !isValid(word)) throw new SelectorError(cursor, fault);
  cursor.at += 1;
  return word;
}
