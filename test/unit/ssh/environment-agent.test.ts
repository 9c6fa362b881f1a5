// The agent of SSH_AUTH_SOCK, which Pulumi's command plugin asks beside every credential: told when nobody answers there.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { agentFault } from "../../../components/ssh/environment-agent.ts";

const folder = mkdtempSync(join(tmpdir(), "nodepools-agent-"));
const [alive, gone, file] = ["alive", "gone", "file"].map((name) => join(folder, name));
const agent = createServer();
beforeAll(async () => {
  writeFileSync(file as string, "");
  await new Promise<void>((resolve) => agent.listen(alive, resolve));
});
afterAll(() => {
  agent.close();
  rmSync(folder, { recursive: true });
});

const key = { privateKey: "a key" };
const ofAgent = { agentSocket: "/run/agent" };
const server = { address: "192.0.2.1", port: 22, user: "jump", hostKey: "ssh-ed25519 AAAA" };
const said = (socket: string | undefined, code: string) =>
  `SSH_AUTH_SOCK is ${socket}, where no agent answers (${code}), and Pulumi's command plugin, which runs the joins, asks it beside the declared credential: run \`unset SSH_AUTH_SOCK\`, or set it to an agent that runs, and run again`;

it.each([
  ["a socket that is gone, beside a key", key, gone, said(gone, "ENOENT")],
  ["a file that is no socket", key, file, said(file, "ECONNREFUSED")],
  ["a socket that is gone, beside a password", { password: "p" }, gone, said(gone, "ENOENT")],
  [
    "a bastion with a key of its own",
    { ...ofAgent, bastion: { server, secrets: key } },
    gone,
    said(gone, "ENOENT"),
  ],
  ["an agent that answers", key, alive, undefined],
  ["no agent", key, "", undefined],
  ["a login by agent, whose own login tells", ofAgent, gone, undefined],
])("D2 of %s", async (_case, credentials, socket, expected) => {
  expect(await agentFault(credentials, socket)).toBe(expected);
});
