/** What the queues need to know about timers, which differ between Node and edge runtimes. */

/** A timer of this runtime: an object in Node, a number elsewhere. */
export type Timer = ReturnType<typeof setTimeout>;

/** The longest wait a timer can hold; a longer one fires at once. */
export const LONGEST_TIMER_MS = 2_147_483_647;

/** Lets the process end though the timer is pending. Where timers are numbers nothing keeps a process alive. */
export function unref(timer: Timer | number): void {
  if (typeof timer === 'object') timer.unref();
}

/**
 * A wait that a timer can hold. What is no number from 0 up becomes `fallback`: shutting down must not
 * fail because a limit was read wrongly.
 */
export function timerMs(value: number | undefined, fallback: number): number {
  return value !== undefined && value >= 0 ? Math.min(value, LONGEST_TIMER_MS) : fallback;
}
