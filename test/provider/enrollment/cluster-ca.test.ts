// A kubeconfig that does not hold the cluster's CA: it skips verification, or trusts what stands before the API server.
import { expect, it, onTestFinished } from "vitest";
import { enrollmentInputs, enrollmentOutputs } from "../../support/provider-inputs.ts";
import { startProvider } from "../../support/provider-process.ts";
import { startCluster, startHost } from "./site.ts";

it("J-A9 hosts join and stay joined by the CA that the cluster names as its own", async () => {
  const stack = new AsyncDisposableStack();
  onTestFinished(() => stack.disposeAsync());
  const { api, core, gitVersion } = await startCluster(stack);
  const host = stack.use(await startHost("c", gitVersion));
  const ca = /certificate-authority-data: (\S+)/;
  const caData = ca.exec(api.kubeconfigText.replace(/[,}]/g, " "))?.[1] ?? "";
  const text = api.kubeconfigText.replace(
    `certificate-authority-data: ${caData}`,
    "insecure-skip-tls-verify: true",
  );
  const config = {
    "nodepools:cluster": JSON.stringify({ kubeconfig: text }),
    "nodepools:ssh": JSON.stringify(host.credentials),
  };
  const declared = enrollmentInputs({ node: "w1", host: host.host });
  const before = stack.use(await startProvider(config));
  await expect(before.of("HostEnrollment").create(declared)).rejects.toThrow(
    /its CA \(sha256:\w+\) is neither the kubeconfig's nor the one in kube-system\/kube-root-ca\.crt \(none\)/,
  );

  const body = {
    metadata: { name: "kube-root-ca.crt" },
    data: { "ca.crt": Buffer.from(caData, "base64").toString() },
  };
  await core.createNamespacedConfigMap({ namespace: "kube-system", body });
  // In a run of its own, as a person would.
  const provider = stack.use(await startProvider(config));
  const { create, diff } = provider.of("HostEnrollment");
  const { outs } = await create(declared);
  expect(outs.clusterCa).toMatch(/^sha256:/);
  await core.createNode({ body: { metadata: { name: "w1" } } });
  provider.lines.length = 0;
  const enrolled = enrollmentOutputs({ ...declared, ...outs });
  expect(await diff(enrolled, declared)).toEqual({ changes: false, replaces: [] });
  expect(provider.lines.filter(({ ephemeral }) => !ephemeral)).toEqual([]);
});
