import assert from 'node:assert/strict';
import { GhostFate } from '../../../src/context/ghostFate';

const ghost = '傍晚，一家人';

/** Follows texts that the writer brought about by hand; '+' before one: by accepting. */
function after(steps: string[], texts = [ghost]): GhostFate {
  const fate = new GhostFate(texts, 0);
  for (const step of steps) {
    assert.ok(fate.follow(step.replace('+', '')), step);
    if (step.startsWith('+')) fate.accept();
  }
  return fate;
}

describe('GhostFate', () => {
  const cases: [string, string[], string, number, number][] = [
    ['accepted at once', ['+傍晚，一家人'], 'accepted', 6, 0],
    ['accepted after a word was typed', ['傍', '傍晚', '+傍晚，一家人'], 'accepted', 4, 2],
    ['accepted part by part to its end', ['+傍晚，', '+傍晚，一家人'], 'accepted', 6, 0],
    ['accepted in part', ['+傍晚，'], 'partlyAccepted', 3, 0],
    ['accepted in part and typed to its end', ['+傍晚，', '傍晚，一', '傍晚，一家人'], 'partlyAccepted', 3, 3],
    ['typed to its end', ['傍', '傍晚，一家', '傍晚，一家人'], 'typedThrough', 0, 6],
    ['typed with a half-width comma', ['傍晚', '傍晚,', '傍晚,一家人'], 'typedThrough', 0, 6],
    ['typed a little of', ['傍晚'], 'passedOver', 0, 2],
    ['deleted again', ['傍晚', ''], 'passedOver', 0, 0],
    ['looked at', [], 'passedOver', 0, 0],
  ];
  for (const [what, steps, fate, accepted, typed] of cases)
    it(what, () => assert.deepEqual(after(steps).end(1000), { fate, characters: 6, accepted, typed }));

  it('ends where the writer goes another way', () => {
    const fate = after(['傍']);
    assert.equal(fate.follow('傍徨'), false);
    assert.equal(fate.follow('傍晚，一家人都'), false);
  });

  it('is over when all of it is accepted, not when it is typed: the command comes after the edit', () => {
    const fate = after(['傍晚，一家人']);
    assert.equal(fate.isOver, false);
    assert.equal(fate.accept(), ghost);
    assert.equal(fate.isOver, true);
  });

  it('tells what accepting brought, wherever VS Code’s edit began', () => {
    const fate = after(['傍晚']);
    assert.ok(fate.follow('傍晚，一家人'));
    assert.equal(fate.accept(), '，一家人');
  });

  it('is not counted when it was gone before anybody could see it', () => {
    assert.equal(new GhostFate([ghost], 0).end(30), null);
    assert.equal(after(['傍']).end(30)?.fate, 'passedOver');
  });

  it('is the same while what is left of it is suggested', () => {
    const fate = after(['傍晚']);
    assert.equal(fate.isStillSaid('，一家人'), true);
    assert.equal(fate.isStillSaid('，一家'), false);
    assert.equal(fate.isStillSaid('傍晚，一家人'), false);
  });

  it('grows with what is suggested, but what is suggested behind all of it is another one', () => {
    const fate = after(['傍', '傍晚，一']);
    assert.equal(fate.isStillSaid('家人坐在'), true);
    assert.ok(fate.follow('傍晚，一家人'));
    assert.equal(fate.isComplete, false);
    assert.ok(fate.follow('傍晚，一家人坐在'));
    assert.deepEqual(fate.end(1000), { fate: 'typedThrough', characters: 8, accepted: 0, typed: 8 });
    assert.equal(fate.isStillSaid('树下'), false);
  });

  it('of several, follows those that the text goes along with', () => {
    const fate = after(['傍', '+傍黑的时候'], [ghost, '傍黑的时候']);
    assert.deepEqual(fate.end(1000), { fate: 'accepted', characters: 5, accepted: 4, typed: 1 });
  });
});
