// Where the declared members are, as the provider reads them for hosts that a run does not touch.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { readDeclaredHosts } from "../../../components/settings/declared-hosts.ts";
import { hostKey } from "./declared.ts";

const csv = `name,address,hostKey\nw1,192.0.2.1,${hostKey}\nw2,192.0.2.2,${hostKey}\n`;
const files: Record<string, string> = {
  "hosts.csv": csv,
  "pools.yaml": "- name: a\n  count: 1\n  hostsFile: hosts.csv\n",
};
const readFile = (path: string) => ({ text: files[path] ?? "" });

function declaredIn(pools: object): string[] {
  const folder = mkdtempSync(join(tmpdir(), "nodepools-hosts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, "admin.conf");
  writeFileSync(kubeconfig, "");
  const config: Record<string, unknown> = {
    ...{ cluster: { kubeconfig }, ssh: { agentSocket: "/run/agent" } },
    ...pools,
  };
  const get = (key: string) => (key in config ? JSON.stringify(config[key]) : undefined);
  return readDeclaredHosts(get, readFile).map(({ node, host }) => `${node} ${host.address} ${host.port}`);
}

it.each([
  ["the config", { pools: [{ name: "a", hosts: [{ name: "w1", address: "192.0.2.1", hostKey }] }] }],
  ["a file of hosts", { pools: [{ name: "a", count: 1, hostsFile: "hosts.csv" }] }],
  ["a file of pools", { poolsFile: "pools.yaml" }],
])("are found in %s", (_, pools) => {
  expect(declaredIn(pools)).toEqual(["w1 192.0.2.1 22"]);
});

it("are none while something is wrong", () => {
  expect(declaredIn({ pools: [{ name: "a", hostsFile: "none.csv" }] })).toEqual([]);
});
