// What becomes of errors on their way to the user.
import { expect, it } from "vitest";
import { showControls } from "../../../components/model/foreign-text.ts";
import { withQuietErrors } from "../../../components/pulumi-internals/quiet-errors.ts";

it("an error that quotes a host moves no cursor", async () => {
  const calls = { delete: () => Promise.reject(new Error("the host said \x1b[2K\x1b[1Aall is well")) };
  await expect(withQuietErrors(calls, showControls).delete()).rejects.toThrow(
    "the host said \\x1b[2K\\x1b[1Aall is well",
  );
});
