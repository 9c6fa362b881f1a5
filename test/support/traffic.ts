// Traffic through Services: web servers as people write them, and a client in the cluster that counts what fails.
import { type Lab, runInLab } from "../../lab/lab.ts";
import { waitFor } from "../../lab/processes/wait-for.ts";

/** One application: a Deployment behind a Service. */
export interface Application {
  readonly name: string;
  readonly replicas: number;
  /** Whether a budget lets one of its pods be down at once. */
  readonly hasBudget: boolean;
  /** Added to the pods' spec. */
  readonly pod?: object;
}

/** What the client saw of one application. */
export interface Served {
  readonly name: string;
  readonly requests: number;
  readonly failed: number;
  /** Seconds from the first failed request of a row to the next answered one, the longest row. */
  readonly longestOutage: number;
}

const clientName = "client";
const startSeconds = 2;
const image = "lab.local/busybox:1";

/** Declares an application whose pods take a while to start, and serve for a while after they were told to end. */
export function manifestsOf({ name, replicas, hasBudget, pod }: Application): readonly object[] {
  const labels = { app: name };
  const metadata = { name, namespace: "default" };
  const serve = `echo ${name} > /tmp/index.html; sleep ${startSeconds}; exec httpd -f -p 8080 -h /tmp`;
  const container = {
    name: "web",
    image,
    command: ["sh", "-c", serve],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { port: 8080, path: "/" }, periodSeconds: 1, timeoutSeconds: 5 },
    // kube-proxy of every node has heard of the end by then.
    lifecycle: { preStop: { sleep: { seconds: 6 } } },
  };
  const spec = { terminationGracePeriodSeconds: 7, containers: [container], ...pod };
  const budget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
  };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
    ...(hasBudget ? [budget] : []),
  ];
}

/** Applies the applications and waits until all their pods serve. */
export async function deploy(lab: Lab, applications: readonly Application[]): Promise<void> {
  const objects = applications.flatMap(manifestsOf);
  await kubectl(lab, ["apply", "-f", "-"], objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  await untilServing(lab, applications);
}

/** Waits until every application has all its pods, and no pod of it is on its way out. */
export async function untilServing(lab: Lab, applications: readonly Application[]): Promise<void> {
  const names = applications.map(({ name }) => `deployment/${name}`);
  await kubectl(lab, ["rollout", "status", "--timeout=300s", ...names]);
  await waitFor({
    what: "the last pods of before to end",
    timeoutSeconds: 60,
    remedy: "Look at kubectl get pods.",
    check: async () => {
      const pods = await kubectl(lab, [
        "get",
        "pods",
        "-o",
        "jsonpath={.items[*].metadata.deletionTimestamp}",
      ]);
      return pods === "" ? undefined : `pods that terminate since ${pods}`;
    },
  });
}

/** Puts the pods anew onto the nodes that there are, evenly. */
export async function spreadAnew(lab: Lab, applications: readonly Application[]): Promise<void> {
  await kubectl(lab, ["rollout", "restart", ...applications.map(({ name }) => `deployment/${name}`)]);
  await untilServing(lab, applications);
}

/** A client that asks every application several times a second. */
export class Client {
  readonly #lab: Lab;
  readonly #applications: readonly Application[];

  private constructor(lab: Lab, applications: readonly Application[]) {
    this.#lab = lab;
    this.#applications = applications;
  }

  /** Starts the client on a node that stays. */
  static async start(lab: Lab, applications: readonly Application[], node: string): Promise<Client> {
    const services = await kubectl(lab, [
      "get",
      "services",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}={.spec.clusterIP} {end}",
    ]);
    const targets = services
      .split(" ")
      .filter((target) => applications.some(({ name }) => target.startsWith(`${name}=`)));
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: clientName, namespace: "default" },
      spec: {
        nodeSelector: { "kubernetes.io/hostname": node },
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "ask", image, command: ["sh", "-c", askAll, "ask", ...targets] }],
      },
    };
    await kubectl(lab, ["apply", "-f", "-"], JSON.stringify(pod));
    await kubectl(lab, ["wait", "--for=condition=Ready", "--timeout=60s", `pod/${clientName}`]);
    return new Client(lab, applications);
  }

  /** Ends the client and returns what it saw. */
  async stop(): Promise<readonly Served[]> {
    await kubectl(this.#lab, ["exec", clientName, "--", "touch", "/tmp/stop"]);
    await kubectl(this.#lab, [
      "wait",
      "--for=jsonpath={.status.phase}=Succeeded",
      "--timeout=60s",
      `pod/${clientName}`,
    ]);
    const log = await kubectl(this.#lab, ["logs", clientName]);
    await kubectl(this.#lab, ["delete", "pod", clientName]);
    return this.#applications.map(({ name }) => servedOf(name, log));
  }
}

/**
 * Shell function that asks an address for its page. Not by wget: linked statically, as busybox is here, it ends by a
 * segmentation fault in glibc when it looks up the service "http".
 */
const fetchPage = `
fetch() {
  case $(printf 'GET / HTTP/1.0\\r\\n\\r\\n' | busybox timeout 5 nc -w 3 "$1" "\${2:-80}" 2> /dev/null) in
    *' 200 OK'*) ;;
    *) return 1 ;;
  esac
}
`;

/** One loop for each application; /proc/uptime is the only clock that costs no process. */
const askAll = `${fetchPage}
ask() {
  requests=0 failed=0 down=
  while [ ! -e /tmp/stop ]; do
    read -r at rest < /proc/uptime
    if fetch "\${1#*=}"; then
      if [ -n "$down" ]; then read -r now rest < /proc/uptime; echo "outage \${1%%=*} $down $now"; down=; fi
    else
      failed=$((failed + 1)); : "\${down:=$at}"
    fi
    requests=$((requests + 1))
    sleep 0.2
  done
  read -r now rest < /proc/uptime
  [ -z "$down" ] || echo "outage \${1%%=*} $down $now"
  echo "total \${1%%=*} $requests $failed"
}
for target do ask "$target" & done
wait
`;

/** Reads the client's lines of one application. */
export function servedOf(name: string, log: string): Served {
  const lines = log.split("\n").map((line) => line.split(" "));
  const mine = (kind: string) => lines.filter(([first, second]) => first === kind && second === name);
  const [[, , requests = "0", failed = "0"] = []] = mine("total");
  const outages = mine("outage").map(([, , from, until]) => Number(until) - Number(from));
  return {
    name,
    requests: Number(requests),
    failed: Number(failed),
    longestOutage: Math.max(0, ...outages),
  };
}

async function kubectl(lab: Lab, argv: readonly string[], stdin = ""): Promise<string> {
  const result = await runInLab(lab, ["kubectl", ...argv], { stdin, timeoutSeconds: 400 });
  if (result.status !== 0) throw new Error(`kubectl ${argv.join(" ")}: ${result.stderr.trim()}`);
  return result.stdout.trim();
}
