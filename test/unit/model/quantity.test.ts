// Quantities as the scheduler counts them, and as people read them.
import { describe, expect, it } from "vitest";
import { readAmount, writeAmount } from "../../../components/model/quantity.ts";

describe("readAmount", () => {
  it.each([
    ["cpu", "2", 2000],
    ["cpu", "250m", 250],
    ["cpu", "0.1", 100],
    ["cpu", "1.1", 1100],
    ["cpu", "4.35", 4350],
    ["cpu", "100u", 1],
    ["cpu", "1n", 1],
    ["memory", "128974848", 128974848],
    ["memory", "129e6", 129_000_000],
    ["memory", "1.5E3", 1500],
    ["memory", "5e-1", 1],
    ["memory", "129M", 129_000_000],
    ["memory", "123Mi", 123 * 1024 ** 2],
    ["memory", "1.5Gi", 1.5 * 1024 ** 3],
    ["memory", "100m", 1],
    ["memory", "1E", 1e18],
    ["pods", "110", 110],
    ["example.com/gpu", "3", 3],
    ["cpu", "+1", 1000],
    ["cpu", "-1", -1000],
    ["memory", "0", 0],
    ["memory", ".5Ki", 512],
    ["memory", "2.", 2],
  ])("reads %s %s as %d", (resource, text, amount) => {
    expect(readAmount(resource, text)).toBe(amount);
  });

  it.each(["", ".", "Mi", "1 Gi", "1KB", "ten", "1e", "1.2.3", "0x10"])("refuses %j", (text) => {
    expect(() => readAmount("memory", text)).toThrow(
      `reading quantity "${text}" of memory: not a number with a known suffix.`,
    );
  });
});

it("L6 refuses at once a power of ten that would fill the memory", () => {
  expect(() => readAmount("memory", "1e10000000")).toThrow("it is beyond every machine");
}, 2_000);

describe("writeAmount", () => {
  it.each([
    ["cpu", 2000, "2"],
    ["cpu", 1500, "1500m"],
    ["cpu", 0, "0"],
    ["memory", 0, "0"],
    ["memory", 1023, "1023"],
    ["memory", 1.5 * 1024 ** 3, "1.5Gi"],
    ["memory", 512 * 1024 ** 2, "512Mi"],
    ["ephemeral-storage", 1024 ** 4, "1Ti"],
    ["hugepages-2Mi", 2 * 1024 ** 2, "2Mi"],
    ["pods", 110, "110"],
    ["example.com/gpu", 2048, "2048"],
  ])("writes %s %d as %s", (resource, amount, text) => {
    expect(writeAmount(resource, amount)).toBe(text);
  });
});
