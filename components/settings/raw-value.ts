// A config value as the engine hands it over: JSON when it is structured, plain text otherwise. Pure.

/** Parses a config value; text that is not JSON stays text, for the schema to refuse without quoting it. */
export function parseConfigValue(value: string | undefined): unknown {
  if (value === undefined) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
