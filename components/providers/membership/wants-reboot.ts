// Whether a declaration asks for a reboot. Pure.

/** Any text that is declared on a host to have it rebooted. */
interface Triggered {
  readonly rebootTrigger?: string;
}

/** Tells whether the trigger is another one than before; removing it asks for nothing. */
export function wantsReboot(
  { rebootTrigger: former = "" }: Triggered,
  { rebootTrigger: declared = "" }: Triggered,
): boolean {
  return declared !== "" && declared !== former;
}
