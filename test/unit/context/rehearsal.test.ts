import assert from 'node:assert/strict';
import { rehearsal } from '../../../src/context/rehearsal';

describe('rehearsal', () => {
  it('comes to its end, in many small steps', () => {
    const steps = Array.from(rehearsal());
    assert.ok(steps.length > 50);
  });
});
