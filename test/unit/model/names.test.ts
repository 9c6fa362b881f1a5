// Golden: a changed resource name replaces, hence drains, every node. Never change these lines without aliases.
import { expect, it } from "vitest";
import { nodeResourceNames } from "../../../components/model/names.ts";
import {
  leavingAnnotation,
  ownerAnnotation,
  ownerOf,
  poolAnnotation,
} from "../../../components/model/owner.ts";

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

it("stamps nodes with keys and an owner that later releases find again", () => {
  expect([ownerAnnotation, poolAnnotation, leavingAnnotation]).toEqual([
    "nodepools.local/owner",
    "nodepools.local/pool",
    "nodepools.local/leaving",
  ]);
  expect(ownerOf("organization", "nodepools", "dev")).toBe("organization/nodepools/dev");
});
