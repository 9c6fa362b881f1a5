// What the providers may use before the engine has configured them: nothing.
import { expect, it } from "vitest";
import { currentOperation } from "../../../components/providers/operation.ts";

it("an operation fails clearly as long as the engine has sent no config", () => {
  expect(currentOperation).toThrow(
    new Error("reaching the cluster: the engine has not sent the stack's config"),
  );
});
