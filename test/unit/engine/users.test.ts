import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Users } from '../../../src/engine/users';

describe('users', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  /** What is told when nobody has been there for 100 ms. */
  function waited(users: Users): AbortSignal[] {
    const told: AbortSignal[] = [];
    users.whenGone(100, (back) => told.push(back));
    return told;
  }

  it('are gone when none of them has been there for so long, counted from the last who left', () => {
    const users = new Users();
    const told = waited(users);
    mock.timers.tick(99);
    const leave = [users.enter(), users.enter()];
    mock.timers.tick(1000);
    leave[0]?.();
    mock.timers.tick(1000);
    assert.equal(told.length, 0);
    leave[1]?.();
    mock.timers.tick(99);
    assert.equal(told.length, 0);
    mock.timers.tick(1);
    assert.equal(told.length, 1);
    mock.timers.tick(1000);
    assert.equal(told.length, 1, 'once');
  });

  it('who are back are told of, to whom they were gone', () => {
    const users = new Users();
    const told = waited(users);
    mock.timers.tick(100);
    assert.equal(told[0]?.aborted, false);
    users.enter();
    assert.equal(told[0].aborted, true);
  });

  it('are waited for no more when that is stopped', () => {
    const users = new Users();
    const told = waited(users);
    users.stop();
    users.enter()();
    mock.timers.tick(1000);
    assert.equal(told.length, 0);
  });
});
