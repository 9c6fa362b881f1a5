// H1: what the policy makes of the Jobs of hooks; what comes of it on a server, provider/access/thief asks.
import { expect, it } from "vitest";
import { reachesNoMoreThan } from "../../../components/access/hook-pods.ts";

const job = (pod: object) => ({ namespace: "ops", manifest: { spec: { template: { spec: pod } } } });
const main = { name: "main", image: "none" };

it("H1 takes a name for a text, whatever is in it", () => {
  const evil = `x"] || true || "" in ["\\`;
  const text = reachesNoMoreThan([job({ serviceAccountName: evil, containers: [main] })]);
  expect(text).toContain(`: 'default') in ${JSON.stringify([evil])})`);
});

it("H1 counts first containers with the others, and all Jobs of a namespace together", () => {
  const keyOf = (name: string) => ({ ...main, envFrom: [{ secretRef: { name } }] });
  const text = reachesNoMoreThan([
    job({ containers: [keyOf("one")] }),
    job({ containers: [main], initContainers: [keyOf("two")] }),
  ]);
  expect(text).toContain('from.secretRef.name in ["one", "two"]');
});

it.each([
  ["hostNetwork", { hostNetwork: true }, "!variables.pod.hostNetwork"],
  [
    "a privileged container",
    { containers: [{ ...main, securityContext: { privileged: true } }] },
    "!container.securityContext.privileged",
  ],
  [
    "a port of the node",
    { containers: [{ ...main, ports: [{ containerPort: 1, hostPort: 1 }] }] },
    "port.hostPort == 0",
  ],
])("H1 forbids %s unless a hook declares it", (_what, pod, condition) => {
  const plain = { containers: [main] };
  expect(reachesNoMoreThan([job(plain)])).toContain(condition);
  expect(reachesNoMoreThan([job(plain), job({ ...plain, ...pod })])).not.toContain(condition);
});
