// Amounts of resources as Kubernetes writes them, such as `250m`, `1.5Gi` or `4`. Pure.
// Syntax: apimachinery pkg/api/resource/quantity.go.

import { oneLine } from "./foreign-text.ts";

const syntax =
  /^(?<sign>[+-]?)(?<whole>\d*)\.?(?<part>\d*)(?:(?<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?<exponent>[+-]?\d+))?$/;
const binarySuffixes = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const exponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};

// The API server caps quantities at 2^63; powers of ten much beyond that only cost time.
const largestScale = 40;

/**
 * Reads a quantity of a resource as the scheduler counts it: cpu in thousandths, all else in whole units, rounded up.
 * Throws if it is not a valid quantity. Source: kubernetes pkg/scheduler/framework Resource.Add.
 */
export function readAmount(resource: string, text: string): number {
  const found = syntax.exec(text)?.groups;
  const digits = `${found?.whole ?? ""}${found?.part ?? ""}`;
  if (found === undefined || digits === "")
    throw new Error(
      `reading quantity "${oneLine(text, 40)}" of ${resource}: not a number with a known suffix.`,
    );
  const { sign, part = "", suffix = "", exponent = "0" } = found;
  const scale = Number(exponent) + (exponents[suffix] ?? 0) - part.length + (resource === "cpu" ? 3 : 0);
  if (Math.abs(scale) > largestScale)
    throw new Error(`reading quantity "${oneLine(text, 40)}" of ${resource}: it is beyond every machine.`);
  const multiple = 1024n ** BigInt(binarySuffixes.indexOf(suffix) + 1);
  const mantissa = BigInt(`${sign === "-" ? "-" : ""}${digits}`) * multiple;
  return Number(scale >= 0 ? mantissa * 10n ** BigInt(scale) : divideUp(mantissa, 10n ** BigInt(-scale)));
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return dividend / divisor + (dividend > 0n && dividend % divisor !== 0n ? 1n : 0n);
}

/** Writes an amount of `readAmount` for people: cpu as `1500m` or `2`, bytes as `1.5Gi`, all else as a number. */
export function writeAmount(resource: string, amount: number): string {
  if (resource === "cpu") return amount % 1000 === 0 ? `${amount / 1000}` : `${amount}m`;
  return isInBytes(resource) ? writeBytes(amount) : `${amount}`;
}

function isInBytes(resource: string): boolean {
  return resource === "memory" || resource === "ephemeral-storage" || resource.startsWith("hugepages-");
}

function writeBytes(bytes: number): string {
  const power = binarySuffixes.findLastIndex((_suffix, index) => bytes >= 1024 ** (index + 1));
  if (power < 0) return `${bytes}`;
  return `${Math.round((bytes / 1024 ** (power + 1)) * 10) / 10}${binarySuffixes[power]}`;
}
