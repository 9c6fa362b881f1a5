// What @pulumi/command is told about hosts and their bastion.
import { describe, expect, it } from "vitest";
import { commandConnection } from "../../../components/ssh/command-connection.ts";

const host = { address: "10.0.0.1", port: 2222, user: "deploy", hostKey: "ssh-ed25519 AAAA" };

describe("commandConnection", () => {
  it("carries host, pinned key and every credential under @pulumi/command's names", () => {
    const credentials = { privateKey: "key", passphrase: "phrase", password: "word", agentSocket: "/agent" };
    expect(commandConnection(host, credentials)).toEqual({
      host: "10.0.0.1",
      port: 2222,
      user: "deploy",
      hostKey: "ssh-ed25519 AAAA",
      privateKey: "key",
      privateKeyPassword: "phrase",
      password: "word",
      agentSocketPath: "/agent",
      dialErrorLimit: 8,
      perDialTimeout: 15,
    });
  });

  it("puts the bastion with its own key and credential under proxy, with the same limits", () => {
    const server = { address: "192.0.2.1", port: 22, user: "jump", hostKey: "ssh-ed25519 BBBB" };
    const bastion = { server, secrets: { privateKey: "other", passphrase: "phrase" } };
    expect(commandConnection(host, { agentSocket: "/agent", bastion })).toEqual({
      ...commandConnection(host, { agentSocket: "/agent" }),
      proxy: {
        host: "192.0.2.1",
        port: 22,
        user: "jump",
        hostKey: "ssh-ed25519 BBBB",
        privateKey: "other",
        privateKeyPassword: "phrase",
        dialErrorLimit: 8,
        perDialTimeout: 15,
      },
    });
  });

  it("has no field for an absent credential, because Pulumi's state must not hold undefined", () => {
    expect(Object.keys(commandConnection(host, { privateKey: "key" }))).toEqual([
      "host",
      "port",
      "user",
      "hostKey",
      "privateKey",
      "dialErrorLimit",
      "perDialTimeout",
    ]);
  });
});
