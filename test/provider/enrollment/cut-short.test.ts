// What a run leaves that ends in the middle of an enrollment or of a host's release, for the next run to go on with.
import { expect, it, onTestFinished, vi } from "vitest";
import { readMarks } from "../../../components/model/node-marks.ts";
import { openSession } from "../../../components/ssh/session.ts";
import { enrollmentInputs, enrollmentOutputs } from "../../support/provider-inputs.ts";
import { joinedNode } from "../dynamic/site.ts";
import { startCluster, startEnrolling, startHost } from "./site.ts";

it("a host that is enrolled again, because a run ended before its join, has one token: another one, and not in the state", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, core, gitVersion } = await startCluster(stack);
  const host = stack.use(await startHost("a", gitVersion));
  const { enroll } = await startEnrolling(stack, api, host.credentials);
  const tokens = async () => {
    const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
    return items.map(({ data }) => Buffer.from(data?.["token-secret"] ?? "", "base64").toString());
  };

  await enroll("w1", host);
  const [former] = await tokens();
  const { outs } = await enroll("w1", host);
  const left = await tokens();
  expect(left).toEqual([expect.stringMatching(/^[a-z0-9]{16}$/)]);
  expect(left).not.toEqual([former]);
  expect(JSON.stringify(outs)).not.toContain(left[0]);
});

it("a host whose join outlives its run is waited for until its Node is there, and kept as it is", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, gitVersion } = await startCluster(stack);
  const host = stack.use(await startHost("c", gitVersion, { "/etc/kubernetes/kubelet.conf": "" }));
  const { provider } = await startEnrolling(stack, api, host.credentials);
  const machineId = "c".repeat(32);
  const onHost = async (script: string) => {
    await using session = await openSession(host.host, host.credentials);
    await session.run(script, { task: "playing a join", timeoutSeconds: 20 });
  };
  const isTold = (text: RegExp) =>
    vi.waitFor(
      () => expect(provider.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(text)),
      { timeout: 30_000 },
    );

  await onHost(`mkdir -p /run/nodepools; exec 9> /run/nodepools/lock; flock 9
    setsid timeout 60 sh -c 'until [ -e /run/join-ended ]; do sleep 0.1; done' > /dev/null 2>&1 &`);
  const place = { node: "w3", host: host.host };
  const planned = provider
    .of("HostEnrollment")
    .diff(enrollmentOutputs({ ...place, machineId }), enrollmentInputs(place));
  await isTold(/^waiting for a join or reset that is still at work on the host/);
  await onHost("touch /run/join-ended");
  await isTold(/^joined by a killed run: waiting for its Node/);
  await joinedNode(api, { name: "w3", machineId, marks: {} });
  expect(await planned).toEqual({ changes: false, replaces: [] });
});

it("a host whose reset does not end has left a mark on its Node, by which it is joined anew when it is declared again", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, gitVersion } = await startCluster(stack);
  const manifest = { "/etc/kubernetes/manifests/kube-apiserver.yaml": "" };
  const host = stack.use(await startHost("b", gitVersion, manifest));
  const { provider } = await startEnrolling(stack, api, host.credentials);
  const machineId = "b".repeat(32);
  const node = await joinedNode(api, { name: "w2", machineId, marks: {} });

  const enrolled = enrollmentOutputs({ node: "w2", host: host.host, machineId });
  await expect(provider.of("HostEnrollment").remove(enrolled)).rejects.toThrow(
    "this host is a control-plane node: nothing was reset",
  );
  expect(readMarks(await node.read()).resetting).toMatch(/^\d{4}-\d\d-\d\dT/);
});
