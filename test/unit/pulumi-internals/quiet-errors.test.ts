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

it("an error that is the answer to two calls is told by both", async () => {
  const error = new Error("no answer within 10 s");
  const { read } = withQuietErrors({ read: () => Promise.reject(error) });
  await expect(read()).rejects.toBe(error);
  await expect(read()).rejects.toBe(error);
});
