// An address that does not resolve: told by a dial, and at preview, with where the right one stands.
import dns from "node:dns/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { enrollmentCalls } from "../../../components/providers/enrollment/enrollment-calls.ts";
import type { Operation } from "../../../components/providers/operation.ts";
import { explainDial } from "../../../components/ssh/dial-failure.ts";
import { hostTarget } from "../../../components/ssh/target.ts";
import { resolveName } from "../../../components/ssh/unknown-name.ts";
import { enrollmentInputs } from "../../support/provider-inputs.ts";

const known = ["w1.example.com"];
beforeAll(() => {
  vi.spyOn(dns, "lookup").mockImplementation((async (name: string) => {
    if (name.startsWith("slow")) throw Object.assign(new Error("no answer"), { code: "EAI_AGAIN" });
    if (known.includes(name)) return { address: "192.0.2.1", family: 4 };
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" });
  }) as typeof dns.lookup);
});
afterAll(() => vi.restoreAllMocks());

const host = (address: string) => ({ address, port: 22, user: "root", hostKey: "ssh-ed25519 AAAA" });
const said =
  'the name "prod-w3" does not resolve here. If it is an alias of ~/.ssh/config, which is not read: declare what `ssh -G prod-w3` prints as hostname, user and port';

function withHost(hasBastion: boolean) {
  const warnings: string[] = [];
  const operation = {
    told: { declared: () => undefined, decided: () => undefined },
    hasBastion,
    isResolverSilent: false,
    voice: () => ({ warn: async (text: string) => warnings.push(text) }),
  } as unknown as Operation;
  return { operation, warnings };
}

it.each(["ENOTFOUND", "EAI_AGAIN"])(
  "J-C15 a dial that ends with %s names the alias, not the power switch",
  (code) => {
    const cause = Object.assign(new Error(`getaddrinfo ${code} prod-w3`), { code, level: "client-socket" });
    const seen = { connected: false, handshakeDone: false };
    const error = explainDial(hostTarget(host("prod-w3")), {}, Buffer.alloc(0), seen, cause);
    expect(error.kind).toBe("unreachable");
    expect(error.message).toBe(`connecting to host "root@prod-w3:22": ${said}.`);
  },
);

it("J-C15 IP addresses and names that resolve are not unknown", async () => {
  const names = ["192.0.2.1", "2001:db8::1", "w1.example.com", "prod-w3", "slow.example.com"];
  expect(await Promise.all(names.map((name) => resolveName(name)))).toEqual([
    ...["known", "known", "known", "unknown"],
    "silent",
  ]);
});

it("J-C15 a resolver that does not answer is asked once, and nothing is said of names", async () => {
  const { operation, warnings } = withHost(false);
  const news = enrollmentInputs({ host: host("slow.example.com") });
  await enrollmentCalls(() => operation).check({} as typeof news, news);
  expect(operation.isResolverSilent).toBe(true);
  await enrollmentCalls(() => operation).check(
    {} as typeof news,
    enrollmentInputs({ host: host("prod-w3") }),
  );
  expect(warnings).toEqual([]);
});

it.each<[string, object, boolean, string[]]>([
  ["a new host with an alias", {}, false, [said]],
  ["a host that is in state", enrollmentInputs(), false, []],
  ["a host behind a bastion, which resolves it", {}, true, []],
])("J-C15 a preview tells it of %s", async (_case, olds, hasBastion, expected) => {
  const { operation, warnings } = withHost(hasBastion);
  const news = enrollmentInputs({ host: host("prod-w3") });
  await enrollmentCalls(() => operation).check(olds as typeof news, news);
  expect(warnings).toEqual(expected);
});
