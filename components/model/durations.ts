// Every pause and limit of the program that is no option, in seconds, with its reason. Pure.

/** Pauses and limits by the folder that uses them. */
export const durations = {
  drain: {
    /** News wake a drain at once; without any it looks this often, for what only time changes. */
    look: 1,
  },
} as const;
