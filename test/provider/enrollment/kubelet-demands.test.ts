// What the cluster's kubelets are told, in ConfigMap kubelet-config, is held against the host before anything is written.
import { expect, it, onTestFinished } from "vitest";
import { startCluster, startEnrolling, startHost } from "./site.ts";

it("J-C7 refuses a host that cannot do what the kubelet configuration says, with all of it in one message", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, core, gitVersion } = await startCluster(stack);
  const host = stack.use(await startHost("a", gitVersion, { "/proc/sys/kernel/panic": "7\n" }));
  const { enroll } = await startEnrolling(stack, api, host.credentials);
  const kubelet = [
    "resolvConf: /run/systemd/resolve/none.conf",
    "protectKernelDefaults: true",
    "failSwapOn: false",
  ].join("\n");
  await core.createNamespacedConfigMap({
    namespace: "kube-system",
    body: { metadata: { name: "kubelet-config" }, data: { kubelet } },
  });
  const refusal = await enroll("w1", host).catch((error: Error) => error.message);
  expect(refusal).toContain("resolvConf: /run/systemd/resolve/none.conf, and the host has no such file");
  expect(refusal).toMatch(
    /protectKernelDefaults, .*: write .*kernel\.panic=10.* to a file of \/etc\/sysctl\.d/,
  );
  const { items } = await core.listNamespacedSecret({ namespace: "kube-system" });
  expect(items).toEqual([]);
});
