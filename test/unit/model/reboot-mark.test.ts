import { expect, it } from "vitest";
import { parseRebootMark, renderRebootMark } from "../../../components/model/reboot-mark.ts";

const rebooting = (text: string) => ({ "nodepools.local/rebooting": text });

it("reads back what it wrote", () => {
  const mark = { trigger: 'kernel "6.12"', bootId: "b-1", uncordon: true, down: false };
  expect(parseRebootMark(rebooting(renderRebootMark(mark)))).toEqual(mark);
});

it.each([
  ["no annotations", undefined],
  ["other annotations", { other: "x" }],
  ["a text that is not ours", rebooting("true")],
  ["a text that is no JSON", rebooting("since noon")],
  ["a mark without a boot id", rebooting('{"trigger":"1"}')],
])("reads no mark from %s", (_what, annotations) => {
  expect(parseRebootMark(annotations)).toBeUndefined();
});
