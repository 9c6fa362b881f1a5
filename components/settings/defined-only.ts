// Takes the undefined fields out of a parsed value: Pulumi's state has no undefined, and absent is not undefined. Pure.

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
