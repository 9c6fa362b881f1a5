import { expect, it } from "vitest";
import { waitFor } from "../../../../lab/processes/wait-for.ts";

it("returns as soon as the condition holds", async () => {
  const seen = ["nothing", "half", undefined, "too late"];
  await waitFor({ what: "it", timeoutSeconds: 60, remedy: "", check: async () => seen.shift() });
  expect(seen).toEqual(["too late"]);
});

it("throws at the deadline, saying what it waited for and saw last", async () => {
  const wait = { what: "the tide", timeoutSeconds: 0, remedy: "Wait longer.", check: async () => "sand" };
  await expect(waitFor(wait)).rejects.toThrow(
    "waiting for the tide: not so after 0 s; last seen: sand. Wait longer.",
  );
});
