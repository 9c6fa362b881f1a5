// Sessions through a bastion: two real sshds, of which the host's is only reached through the other.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HostAddress } from "../../../components/model/host.ts";
import type { SshCredentials } from "../../../components/ssh/credentials.ts";
import { openSession } from "../../../components/ssh/session.ts";
import { newKey, type Sshd, startSshd } from "../../support/sshd.ts";
import { failure } from "./failure.ts";
import { startRelay } from "./relay.ts";

interface Site extends AsyncDisposable {
  readonly bastion: Sshd;
  readonly host: Sshd;
  readonly credentials: SshCredentials;
}

/** Starts a bastion and a host; each has its own key pair. */
async function startSite(bastionSettings: readonly string[] = []): Promise<Site> {
  const [bastion, host] = await Promise.all([startSshd({ settings: bastionSettings }), startSshd()]);
  return {
    bastion,
    host,
    credentials: {
      ...host.credentials,
      bastion: { server: bastion.host, secrets: bastion.credentials },
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([bastion, host].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

/** The site's credentials with the bastion found at another address or with another key. */
function withBastionAt(site: Site, server: Partial<HostAddress>): SshCredentials {
  const bastion = { server: { ...site.bastion.host, ...server }, secrets: site.bastion.credentials };
  return { ...site.credentials, bastion };
}

async function run(site: Site, script: string, credentials = site.credentials, host = site.host.host) {
  await using session = await openSession(host, credentials);
  return (await session.run(script, { task: "probe", timeoutSeconds: 20 })).stdout;
}

const names = ({ bastion, host }: Site) => ({
  bastion: `bastion "root@127.0.0.1:${bastion.host.port}"`,
  host: `host "root@127.0.0.1:${host.host.port}"`,
});

const fingerprints = (text: string) => new Set(text.match(/ssh-ed25519 SHA256:[A-Za-z0-9+/]{43}/g) ?? []);

describe("a session through a bastion", () => {
  it("runs scripts on the host, logged in with each server's own key", async () => {
    await using site = await startSite();
    expect(await run(site, 'echo "$SSH_CONNECTION" | cut -d" " -f4')).toBe(`${site.host.host.port}\n`);
    expect([site.bastion.logins(), site.host.logins()]).toEqual([1, 1]);
  });

  it("shares one login on the bastion with all others of the process, at once or later", async () => {
    await using site = await startSite();
    const outputs = await Promise.all(Array.from({ length: 12 }, (_, at) => run(site, `echo ${at}`)));
    expect(outputs).toEqual(Array.from({ length: 12 }, (_, at) => `${at}\n`));
    await run(site, "true");
    expect([site.bastion.logins(), site.host.logins()]).toEqual([1, 13]);
  });

  it("is opened anew when the bastion dropped the shared connection", async () => {
    await using site = await startSite();
    await using wire = await startRelay(site.bastion.host, () => "forward");
    const credentials = withBastionAt(site, wire.host);
    await run(site, "true", credentials);
    await using standing = await openSession(site.host.host, credentials);
    const running = failure(standing.run("sleep 20", { task: "probe", timeoutSeconds: 20 }));
    setTimeout(wire.cut, 300);
    expect((await running).kind).toBe("disconnected");
    expect(await run(site, "echo back", credentials)).toBe("back\n");
    expect(site.bastion.logins()).toBe(2);
  });

  it("is opened anew when the shared connection fell silent, and the host is not blamed", async () => {
    await using site = await startSite();
    await using wire = await startRelay(site.bastion.host, () => "forward");
    const credentials = withBastionAt(site, wire.host);
    await run(site, "true", credentials);
    wire.freeze();
    // The bastion is given up after 12 s, before the 15 s that a host has: here with more room.
    await using session = await openSession(site.host.host, credentials, { dialTimeoutSeconds: 40 });
    const { stdout } = await session.run("echo back", { task: "probe", timeoutSeconds: 20 });
    expect(stdout).toBe("back\n");
    expect(site.bastion.logins()).toBe(2);
  });
});

describe("the hop that failed is named", () => {
  it("when the bastion does not answer", async () => {
    await using site = await startSite();
    const error = await failure(run(site, "true", withBastionAt(site, { port: 1 })));
    expect(error.kind).toBe("bastion");
    expect(error.message).toBe(
      'connecting to bastion "root@127.0.0.1:1": connect ECONNREFUSED 127.0.0.1:1. Check that the bastion is on, that address and port are right, and that a firewall lets SSH through.',
    );
  });

  it("when the bastion refuses the login", async () => {
    await using site = await startSite();
    const bastion = { server: site.bastion.host, secrets: site.host.credentials };
    const error = await failure(run(site, "true", { ...site.host.credentials, bastion }));
    expect(error.kind).toBe("bastion");
    expect(error.message).toContain(`connecting to ${names(site).bastion}: login as "root" failed`);
    expect(error.message).toContain("Check ssh.bastion.user and the credential");
    expect(JSON.stringify(error) + String(error.stack)).not.toContain(
      site.host.credentials.privateKey.split("\n")[1],
    );
  });

  it("when the bastion does not forward", async () => {
    await using site = await startSite(["AllowTcpForwarding no"]);
    const error = await failure(run(site, "true"));
    expect(error.kind).toBe("bastion");
    expect(error.message).toContain(
      `connecting to host "root@127.0.0.1:${site.host.host.port}" through ${names(site).bastion}: the bastion refused to forward the connection`,
    );
    expect(error.message).toContain("AllowTcpForwarding");
  });

  it("when the bastion cannot reach the host", async () => {
    await using site = await startSite();
    const error = await failure(run(site, "true", site.credentials, { ...site.host.host, port: 1 }));
    expect(error.kind).toBe("unreachable");
    expect(error.message).toContain(
      `connecting to host "root@127.0.0.1:1" through ${names(site).bastion}: (SSH) Channel open failure: Connection refused`,
    );
  });

  it("when the host refuses the login", async () => {
    await using site = await startSite();
    const credentials = { ...site.bastion.credentials, bastion: site.credentials.bastion } as SshCredentials;
    const error = await failure(run(site, "true", credentials));
    expect(error.kind).toBe("authentication");
    expect(error.message).toContain(
      `connecting to ${names(site).host} through ${names(site).bastion}: login as "root" failed`,
    );
    expect(error.message).toContain("Check ssh.user and the credential");
  });
});

describe("a wrong key", () => {
  it("J-24 of the bastion stops there: both fingerprints, and the host is not contacted", async () => {
    await using site = await startSite();
    await using door = await startRelay(site.host.host, () => "forward");
    const hostKey = newKey(site.bastion.folder, "other", "ed25519");
    const error = await failure(run(site, "true", withBastionAt(site, { hostKey }), door.host));
    expect(error.kind).toBe("bastion");
    expect(error.message).toContain(
      `connecting to ${names(site).bastion}: host key mismatch: the server has ssh-ed25519 `,
    );
    expect(error.message).toContain("change ssh.bastion.hostKey");
    expect(fingerprints(error.message).size).toBe(2);
    expect([site.bastion.logins(), door.connections()]).toEqual([0, 0]);
  });

  it.each(["ed25519", "ecdsa"] as const)(
    "J-24 of the host (pinned: %s) names both fingerprints and writes nothing",
    async (type) => {
      await using site = await startSite();
      const hostKey = newKey(site.host.folder, `other-${type}`, type);
      const mark = join(site.host.folder, "written");
      const error = await failure(
        run(site, `touch ${mark}`, site.credentials, { ...site.host.host, hostKey }),
      );
      expect(error.kind).toBe("host-key");
      expect(error.message).toContain(`${names(site).host} through ${names(site).bastion}`);
      expect(error.message).toContain("host key mismatch: the server has ssh-ed25519 SHA256:");
      expect(error.message.match(/SHA256:[A-Za-z0-9+/]{43}/g)?.length).toBe(2);
      expect([site.host.logins(), existsSync(mark)]).toEqual([0, false]);
    },
  );
});
