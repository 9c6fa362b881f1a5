// The cap on parallel joins in the real provider process: two hosts behind a bastion, one slot, a real API server.
import { AdmissionregistrationV1Api, type CoreV1Api, type KubeConfig } from "@kubernetes/client-node";
import { expect, it, onTestFinished } from "vitest";
import { membershipInputs, urnOf } from "../../support/provider-inputs.ts";
import { startSshd } from "../../support/sshd.ts";
import { shareKey, startCluster, startEnrolling, startHost } from "./site.ts";

/** Starts all that two hosts need to join one after the other. */
async function startSite() {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, access, core, gitVersion } = await startCluster(stack);
  const one = stack.use(await startHost("a", gitVersion));
  const other = stack.use(await startHost("b", gitVersion));
  shareKey(one, other);
  const gate = stack.use(await startSshd());
  const { user: _, ...way } = gate.host;
  const ssh = { ...one.credentials, bastion: { ...way, ...gate.credentials }, parallelJoins: 1 };
  return { access, core, one, other, gate, ...(await startEnrolling(stack, api, ssh)) };
}

/** Has the API server refuse every Secret; effective when it returns. */
async function refuseSecrets(access: KubeConfig, core: CoreV1Api): Promise<void> {
  const admission = access.makeApiClient(AdmissionregistrationV1Api);
  const name = "no-secrets.example.com";
  const rule = { apiGroups: [""], apiVersions: ["v1"], resources: ["secrets"], operations: ["CREATE"] };
  await admission.createValidatingAdmissionPolicy({
    body: {
      metadata: { name },
      spec: {
        matchConstraints: { resourceRules: [rule] },
        validations: [{ expression: "false", message: "no secrets today" }],
      },
    },
  });
  await admission.createValidatingAdmissionPolicyBinding({
    body: { metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } },
  });
  const tryOne = () =>
    core.createNamespacedSecret({
      namespace: "default",
      dryRun: "All",
      body: { metadata: { generateName: "probe-" } },
    });
  await expect
    .poll(
      () =>
        tryOne().then(
          () => "let in",
          () => "refused",
        ),
      { timeout: 20_000 },
    )
    .toBe("refused");
}

it("E04 a host gets its token only when a join before it has ended, and says what it waits for; one login on the bastion serves both", async () => {
  const { core, one, other, gate, provider, enroll } = await startSite();
  await enroll("w1", one);
  const second = enroll("w2", other);
  const told = () => provider.lines.filter(({ urn }) => urn === urnOf("HostEnrollment", "w2"));
  await expect
    .poll(() => told().at(-1)?.message, { timeout: 30_000 })
    .toMatch(/^waiting to join \d+ s: ssh\.parallelJoins is 1, at work are w1$/);
  const tokens = await core.listNamespacedSecret({ namespace: "kube-system" });
  expect(tokens.items.length).toBe(1);
  const membership = membershipInputs({ node: "w1", host: one.host, readyTimeoutSeconds: 1 });
  await expect(provider.of("NodeMembership").create(membership)).rejects.toThrow(
    "its Node is not registered",
  );
  expect((await second).outs.tokenId).toMatch(/^[a-z0-9]{6}$/);
  await expect.poll(() => told().at(-1)?.message).toBe("may join");
  expect(gate.logins()).toBe(1);
});

it("E04 a host whose token cannot be minted keeps no other from its turn", async () => {
  const { access, core, one, other, enroll } = await startSite();
  await refuseSecrets(access, core);
  await expect(enroll("w1", one)).rejects.toThrow("no secrets today");
  await expect(enroll("w2", other)).rejects.toThrow("no secrets today");
});
