/** Skipping a test says why: `skip(this, 'no GPU on this machine')`. */

type Reasoned = (Mocha.Runnable | Mocha.Suite) & { skipReason?: string };

/** Skips the running test, or, from a `before` hook, all tests of its suite. */
export function skip(context: Mocha.Context, reason: string): never {
  const runnable: Mocha.Runnable | undefined = context.test;
  const target: Reasoned | undefined = runnable && isHook(runnable) ? runnable.parent : runnable;
  if (target) target.skipReason = reason;
  return context.skip();
}

const isHook = (runnable: Mocha.Runnable & { type?: string }): boolean => runnable.type === 'hook';

/** @returns undefined where none was given; then the test counts as failed. */
export function skipReason(test: Mocha.Test): string | undefined {
  for (let at: Reasoned | undefined = test; at; at = at.parent) if (at.skipReason) return at.skipReason;
  return undefined;
}
