// What the providers may use before the engine has configured them: nothing.
import { expect, it } from "vitest";
import { kubeApi, sshCredentials } from "../../../components/providers/connections.ts";

it.each([kubeApi, sshCredentials])("%o fails clearly as long as the engine has sent no config", (connect) => {
  expect(connect).toThrow(new Error("reaching the cluster: the engine has not sent the stack's config"));
});
