// How the provider process gets its config from the engine, and that no secret of it gets out.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ApiServer, startApiServer } from "../../support/api-server.ts";
import { certificateFiles } from "../../support/certificates.ts";
import { membershipOutputs, rosterInputs, urnOf } from "../../support/provider-inputs.ts";
import { type ProviderProcess, startProvider } from "../../support/provider-process.ts";
import { newKey } from "../../support/sshd.ts";
import { configFor, deadPort, joinedNode, remarks } from "./site.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApiServer();
});
afterAll(() => api.stop());

const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const asSecret = (value: string) => ({ "4dabf18193072939515e22adb298388d": secretSignature, value });

/** The stack's config with both values secret, as `pulumi config set --secret` leaves them. */
function secretConfig(kubeconfig: string, ssh: object) {
  const config = Object.entries(configFor(kubeconfig, ssh));
  return Object.fromEntries(config.map(([name, value]) => [name, asSecret(value)]));
}

/** Everything that left the process. */
const published = (provider: ProviderProcess, ...errors: string[]) =>
  [provider.stderr(), ...provider.lines.map(({ message }) => message), ...errors].join("\n");

const messageOf = (work: Promise<unknown>) =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

it("configures all of twenty first calls that come at once", async () => {
  await using provider = await startProvider(configFor(api.kubeconfigPath));
  const node = await joinedNode(api);
  const { read } = provider.of("NodeMembership");
  const props = membershipOutputs({ node: node.nodeName });
  const answers = await Promise.all(Array.from({ length: 20 }, () => read(props)));
  const uid = (await node.read()).metadata?.uid;
  expect(answers.map((answer) => (answer.props.observed as { uid: string }).uid)).toEqual(
    Array(20).fill(uid),
  );
  expect(provider.stderr()).toBe("");
});

it("reaches the cluster with a kubeconfig that is a secret text", async () => {
  await using provider = await startProvider(secretConfig(api.kubeconfigText, { password: "never used" }));
  const node = await joinedNode(api);
  const { props } = await provider.of("NodeMembership").read(membershipOutputs({ node: node.nodeName }));
  expect(props.observed).toMatchObject({ ready: "True" });
});

it("gives away neither the kubeconfig nor the SSH key when the cluster or the host cannot be reached", async () => {
  const key = readFileSync(join(api.folder, certificateFiles.adminKey), "utf8");
  newKey(api.folder, "login", "ed25519");
  const privateKey = readFileSync(join(api.folder, "login"), "utf8");
  const dead = api.kubeconfigText.replace(api.url, `https://127.0.0.1:${await deadPort()}`);
  const host = { address: "127.0.0.1", port: await deadPort(), user: "root", hostKey: "ssh-ed25519 AAAA" };
  const node = await joinedNode(api);
  const member = membershipOutputs({ node: node.nodeName, host });

  await using cutOff = await startProvider(secretConfig(dead, { privateKey }));
  await using reaching = await startProvider(secretConfig(api.kubeconfigText, { privateKey }));
  const machineId = (await node.read()).status?.nodeInfo?.machineID ?? "";
  const [unread, undrained] = await Promise.all([
    messageOf(cutOff.of("NodeMembership").read(member)),
    messageOf(reaching.of("NodeMembership").remove({ ...member, machineId })),
    cutOff.of("Roster").diff(rosterInputs(["w1"]), rosterInputs([])),
  ]);
  expect(unread).toMatch(/^listing Nodes: no answer: /);
  expect(undrained).toContain("ECONNREFUSED");

  const text = published(cutOff, unread) + published(reaching, undrained);
  const secrets = [Buffer.from(key).toString("base64"), ...key.split("\n"), ...privateKey.split("\n")];
  expect(secrets.filter((secret) => secret.length > 8 && text.includes(secret))).toEqual([]);
});

it("does not quote a secret that is not what it should be", async () => {
  const bad = "apiVersion: v1\nusers: [{ name: x, user: { token: hunter2hunter2 }\n";
  await using provider = await startProvider(secretConfig(bad, { privateKey: "hunter3hunter3" }));
  const message = await messageOf(provider.of("NodeMembership").read(membershipOutputs()));
  expect(message).toBe("reading the kubeconfig given as text: line 3 is not valid YAML.");
  await using half = await startProvider(secretConfig(bad, { password: "hunter3hunter3" }));
  const other = await messageOf(half.of("NodeMembership").read(membershipOutputs()));
  expect(other).toBe("reading the kubeconfig given as text: line 3 is not valid YAML.");
  expect(published(provider, message) + published(half, other)).not.toContain("hunter");
});

it("says which config is missing when the engine sent none", async () => {
  await using provider = await startProvider({});
  const message = await messageOf(provider.of("NodeMembership").read(membershipOutputs()));
  expect(message).toMatch(/^reading the stack config: 1 problem, .*\n {2}cluster: missing/);
  await provider.of("Roster").diff(rosterInputs(["w1"]), rosterInputs([]));
  expect(remarks(provider, urnOf("Roster", "dev"))).toEqual([
    "info: 1 node leaves: w1",
    expect.stringMatching(
      /^warning: not known: what becomes of the pods: reading the stack config: 1 problem/,
    ),
  ]);
});
