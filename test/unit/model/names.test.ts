// Golden: a changed resource name replaces, hence drains, every node. Never change these lines without aliases.
import { expect, it } from "vitest";
import { nodeResourceNames } from "../../../components/model/names.ts";
import { ownerOf } from "../../../components/model/owner.ts";

it("names a node's resources by the node alone", () => {
  expect(nodeResourceNames("w1")).toEqual({
    poolNode: "w1",
    files: "w1_files",
    prepare: "w1_prepare",
    enrollment: "w1",
    join: "w1",
    membership: "w1",
  });
});

it("stamps nodes with an owner that later releases find again", () => {
  expect(ownerOf("organization", "nodepools", "dev")).toBe("organization/nodepools/dev");
});
