// The stack config as the running program reads it, in an update and in a preview.
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { Cluster, readSettings } from "../../components/index.ts";
import { find, runProgram } from "../support/component-mocks.ts";
import { hosts } from "./declared.ts";

const cluster = { kubeconfig: "apiVersion: v1\nkind: Config\n" };
const ssh = { privateKeyFile: "no-such-key" };
const pools = [{ name: "workers", hosts: hosts("w1") }];

function program(secretKeys: readonly string[] = []) {
  const values = { cluster, ssh, pools };
  const config = Object.entries(values).map(([key, value]) => [`nodepools:${key}`, JSON.stringify(value)]);
  pulumi.runtime.setAllConfig(Object.fromEntries(config), [...secretKeys]);
  const settings = readSettings(new pulumi.Config("nodepools"));
  new Cluster("dev", { credentials: settings.ssh.credentials, pools: settings.pools });
}

it("J-A12 a preview does without the key's file, and takes the connections of joins from the state", async () => {
  await expect(runProgram(program)).rejects.toThrow(
    'ssh.privateKeyFile: "no-such-key" cannot be read: no such file',
  );
  const join = find(await runProgram(program, undefined, true), "remote:Command", "w1");
  expect(join.ignoreChanges).toContain("connection");
  expect(Object.keys(join.inputs.connection as object)).not.toContain("missing");
});

it("J-A11 a secret inside pools ends the program before anything is declared", async () => {
  const refused = runProgram(() => program(["nodepools:ssh", "nodepools:pools"]), undefined, true);
  await expect(refused).rejects.toThrow(
    /1 problem, nothing was changed\.\n {2}pools: a value in it is encrypted/,
  );
});
