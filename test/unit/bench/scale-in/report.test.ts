// The table of the scale-in benchmark, from the lines that its client writes.
import { expect, it } from "vitest";
import { renderScaleInReport } from "../../../bench/scale-in/report.ts";
import { servedOf } from "../../../support/traffic.ts";

const log = `outage web 10.10 10.90
outage db 11.00 19.50
outage web 20.00 22.50
total web 100 7
total db 90 30
total db-2 80 0`;
const served = ["web", "db", "db-2"].map((name) => servedOf(name, log));

it("the client's lines tell requests, failures and the longest outage of each application", () => {
  expect(served).toEqual([
    { name: "web", requests: 100, failed: 7, longestOutage: 2.5 },
    { name: "db", requests: 90, failed: 30, longestOutage: 8.5 },
    { name: "db-2", requests: 80, failed: 0, longestOutage: 0 },
  ]);
});

it("a run shows their sum and the application with the longest one", () => {
  const conditions = { load: 0.5, ownSeconds: 41.6, otherSeconds: 2 };
  const lines = renderScaleInReport([
    { side: "by hand", round: 1, seconds: 60, served, ...conditions },
  ]).split("\n");
  expect(lines[1]?.split(/ {2,}/)).toEqual(
    ["by hand", "1", "60.0", "270", "37", "2", "8.5", "db"].concat("41.6", "2.0", "0.50"),
  );
  expect(lines.at(-1)).toBe(
    "by hand: failed requests 37.0 (37.0–37.0), longest outage of an owner 8.5 (8.5–8.5) s, wall time 60.0 (60.0–60.0) s",
  );
});
