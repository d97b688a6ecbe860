/**
 * Whether the test that has just run failed, for an `afterEach`. Mocha gives no state to one that it will try again.
 */
export const hasFailed = (test: Mocha.Test | undefined): boolean =>
  test !== undefined && test.state !== 'passed' && !test.isPending();
