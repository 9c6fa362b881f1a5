// Every pause and limit of the program that is no option, in seconds, with its reason. Pure.

/** Pauses and limits by the folder that uses them. */
export const durations = {
  drain: {
    /** News wake a drain at once; without any it looks this often, for what only time changes. */
    look: 1,
    /** A line of progress when nothing changed. */
    progress: 10,
    /** A scheduler that has not yet heard of the cordon may still bind a pod, seconds later; as long as Karpenter waits. */
    settle: 5,
    /** Looks at the Node: whoever uncordons it is noticed within this time. */
    nodeLook: 5,
    /** A budget that refused is asked again: the pause of kubectl. */
    budgetAgain: 5,
    /** An eviction that failed for a moment is asked for again: doubled from the first. */
    failureAgain: { first: 1, longest: 30 },
    /** An accepted eviction shows in the pod within this time; else it is asked for again. */
    acceptedAgain: 10,
    /** Grace of pods on a node that does not answer, where nobody counts the seconds; Cluster API asks for the same. */
    unreachableGrace: 1,
    /** Kubernetes' default of spec.terminationGracePeriodSeconds. */
    defaultGrace: 30,
    /** Until a pod whose grace is over has also left the API. */
    deletionLeeway: 2,
    /** Looks at the volumes, each of which lists those of the whole cluster. */
    volumeLook: 3,
    /** Looks at the owners whose replacements are waited for, each of which asks for its pods. */
    replacementLook: 2,
    /** Volumes of pods that went at the last moment are given this time at least. */
    leastForVolumes: 60,
    /** A pod that a budget holds for longer is looked at: whether any node is left for the pods that it waits for. */
    strandedAfter: 60,
    /** Looks for such nodes, each of which lists them all. */
    strandedLook: 15,
    /** A difference of the clocks that is told. Certificates and tokens begin to fail at such differences. */
    toldSkew: 30,
  },
  kube: {
    /** One call with its retries: an API server that is restarted or upgraded in place is back by then. */
    call: 30,
    /** One watch. Servers end a watch by themselves after 30 to 60 minutes; a dead connection is noticed sooner. */
    watch: 60,
    /** Pauses of a read that fails for a moment, about 15 s in all: a restart of the API server. */
    askAgain: [0.2, 0.6, 1.8, 3, 4, 5],
    /** The longest Retry-After that a read, which has its own limit, waits for. */
    wishOfRead: 5,
    /** Pauses of a change that conflicts with another writer's, about 3 s in all. */
    changeAgain: [0.1, 0.2, 0.4, 0.8, 1.6],
    /** A watch that ends earlier than this and has told nothing was refused, whatever its status said. */
    shortestWatch: 1,
    /** Pauses before a broken watch is opened again: doubled from the first, or what the server wishes. */
    watchAgain: { first: 0.2, longest: 5, longestWish: 60 },
    /** Long enough to spare handshakes during a drain, short enough that rotated certificate files are noticed. */
    connectionLife: 300,
    /** A server that has just started refuses everyone until it has read its users and roles. */
    serverStart: 30,
    /** After an outage of the API server all nodes are Unknown until their kubelets report, which they do every 10 s. */
    silentForGood: 30,
  },
  providers: {
    /** Between two looks at what changes without a word: a node that comes back, a host that becomes idle. */
    look: 1,
    /** Between two looks at a host that has just joined or rebooted: the list of Nodes is shared, and costs little. */
    lookForReady: 0.25,
    /** How long one answer of the cluster serves all who ask: so many times as long as it took, within bounds. */
    sharedAnswer: {
      servesTimes: 10,
      serves: { least: 0.25, most: 1 },
      /** The same for what is looked at again before anything comes of it: a thousand hosts are asked about one by one. */
      atLeisure: 30,
      // Diffs run one after another: a silent server must cost its time limit once, not once a host.
      silent: 5,
    },
    /** A live line on a resource's row stands at least this long. */
    progressLine: 2,
    /** A check that was made when a node queued for its slot holds this long. */
    checkHolds: 10,
    /** The engine asks for deletions within `together`; a host that does not answer fails its own one. */
    departures: { together: 1, hostSilent: 60 },
    /** The engine tells of all declared hosts within `silence` of each other, but of one that waits for its slot to join. */
    told: { silence: 1, longest: 120 },
    toldLook: 0.1,
    /**
     * The engine asks for the deletions of hosts that are joined again as soon as it has asked what becomes of them; on a
     * busy machine seconds pass in between, and a limit that counts too few is none.
     */
    rejoinsTold: { silence: 5, deletions: 2 },
    /** A membership that is refreshed waits so long for its enrollment's word. */
    enrollmentTold: 2,
    /** A kubelet registers its Node only once kubeadm has ended. */
    registration: 30,
    /** A join or reset outlives the run that started it and was killed. */
    hostBusy: 300,
    /** A Node that was deleted is looked at again after this: the kubelet is stopped, and what it sent last has arrived. */
    nodeStaysGone: 1,
    /** Limits the wait for a deleted Node that finalizers hold or that a kubelet registers again. */
    nodeGoes: 15,
    /** Limits of one script on a host. */
    inspect: 60,
    claim: 30,
    reset: 600,
    reboot: 30,
    kubeletLog: 20,
    /** Looks at a hook's Job, and at annotations that hold a removal up. */
    hookLook: 2,
    /** What ends a hook at its own limit, on the host or in the cluster, has so long for it. */
    hookEnd: 30,
  },
  /** Lines of the program's debug log are sent together. */
  debugLines: 0.05,
  verification: {
    /** One look at one check. */
    look: 10,
    /** Between two looks at checks that do not hold. */
    again: 2,
    /** Checks that do not hold are looked at again before nothing begins: one lost answer proves nothing. */
    before: 10,
  },
  ssh: {
    /** One attempt to connect and log in. */
    dial: 15,
    /** A resolver that takes longer for a name says nothing of it: left to the dial. */
    resolve: 2,
    /** Until a login that runs no program has named its shell. */
    loginShell: 10,
    /** Until a connection that was ended is closed; then it is cut. */
    close: 2,
    /** Pauses between attempts to dial: half to one and a half times a length that grows by half with each. */
    dialAgain: { first: 0.3, longest: 4 },
    /** An attempt that took this much less than its limit still ran into it. */
    dialLeeway: 0.05,
  },
} as const;
