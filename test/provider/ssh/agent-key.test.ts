// One key of an agent that holds many, before an sshd that hangs up after the first key that does not fit.
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { serveKeyFilters, throughKeyFilters } from "../../../components/ssh/agent-key.ts";
import type { SshCredentials } from "../../../components/ssh/credentials.ts";
import { hostKeyBytes, keyFingerprint } from "../../../components/ssh/host-key.ts";
import { openSession } from "../../../components/ssh/session.ts";
import { type SshAgent, startSshAgent } from "../../support/ssh-agent.ts";
import { newKey, type Sshd, startSshd } from "../../support/sshd.ts";
import { failure } from "./failure.ts";

let sshd: Sshd;
let agent: SshAgent;
let right: string;
let other: string;
beforeAll(async () => {
  sshd = await startSshd({ settings: ["MaxAuthTries 2"] });
  const others = ["a", "b", "c"].map((name) => newKey(sshd.folder, name, "ed25519"));
  agent = await startSshAgent(
    sshd.folder,
    ...["a", "b", "c", "client"].map((name) => join(sshd.folder, name)),
  );
  other = keyFingerprint(hostKeyBytes(others[0] ?? ""));
  const list = execFileSync("ssh-keygen", ["-lf", join(sshd.folder, "client.pub")]).toString();
  right = list.split(" ")[1] ?? "";
});
afterAll(async () => {
  await agent[Symbol.asyncDispose]();
  await sshd[Symbol.asyncDispose]();
});

async function whoami(credentials: SshCredentials): Promise<string> {
  await using session = await openSession(sshd.host, credentials);
  return (await session.run("id -un", { task: "probe", timeoutSeconds: 20 })).stdout;
}

it("J-C14 an agent with many keys is refused by such an sshd, and let in with the key that is chosen", async () => {
  const agentSocket = agent.socket;
  const error = await failure(whoami({ agentSocket }));
  expect(error.message).toContain("choose one by ssh.agentKey");
  expect(await whoami({ agentSocket, agentKey: right })).toBe("root\n");
});

it("J-C14 a key that the agent has and the host does not know, or that the agent lacks, is told as that", async () => {
  const agentSocket = agent.socket;
  const refused = await failure(whoami({ agentSocket, agentKey: other }));
  expect(refused.message).toContain(
    "the agent holds the key of ssh.agentKey (`ssh-add -l`) that is in the user's authorized_keys there",
  );
  const absent = `SHA256:${"A".repeat(43)}`;
  const missing = await failure(whoami({ agentSocket, agentKey: absent }));
  expect(missing.kind).toBe("authentication");
  expect(missing.message).toContain(`the agent has no key ${absent}; it has: ${other}, `);
});

it("J-C14 the socket that the join command gets shows that key alone, to every SSH client", async () => {
  const runtime = mkdtempSync(join(tmpdir(), "nodepools-runtime-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(runtime, { recursive: true });
  });
  vi.stubEnv("XDG_RUNTIME_DIR", runtime);
  const credentials = { agentSocket: agent.socket, agentKey: right };
  const through = throughKeyFilters(credentials, "acme/nodepools/dev");
  expect(throughKeyFilters(credentials, "acme/nodepools/dev")).toEqual(through);
  expect(throughKeyFilters(credentials, "acme/nodepools/prod").agentSocket).not.toBe(through.agentSocket);
  expect(throughKeyFilters({ agentSocket: agent.socket }, "x")).toEqual({ agentSocket: agent.socket });

  serveKeyFilters(credentials, "acme/nodepools/dev");
  const socket = through.agentSocket ?? "";
  expect(statSync(join(socket, "..")).mode & 0o777).toBe(0o700);
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  const { stdout } = await promisify(execFile)("ssh-add", ["-l"], { env });
  expect(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[1]),
  ).toEqual([right]);
  expect(await whoami({ agentSocket: socket })).toBe("root\n");
});
