import assert from 'node:assert/strict';
import { addFigures, dayOf, keptDays, ofEnding, parseFigures, shown, sum } from '../../../src/context/figures';

const accepted = ofEnding({ fate: 'accepted', characters: 6, accepted: 4, typed: 2 });
const typed = ofEnding({ fate: 'typedThrough', characters: 3, accepted: 0, typed: 3 });
const passed = ofEnding({ fate: 'passedOver', characters: 5, accepted: 0, typed: 2 });

describe('figures', () => {
  it('add up', () => {
    const total = sum([accepted, typed, passed, { checked: 1, charactersChecked: 4, charactersKept: 3 }]);
    assert.equal(shown(total), 3);
    assert.deepEqual(total, {
      ...{ accepted: 1, partlyAccepted: 0, typedThrough: 1, passedOver: 1 },
      ...{ charactersShown: 14, charactersAccepted: 4, charactersTyped: 3 },
      ...{ checked: 1, kept: 0, charactersChecked: 4, charactersKept: 3 },
    });
  });

  it('are kept by day, the latest only', () => {
    const day = (index: number) => dayOf(new Date(2026, 0, 1 + index));
    let kept = addFigures({}, {});
    for (let index = 0; index < keptDays + 5; index++) kept = addFigures(kept, { [day(index)]: sum([accepted]) });
    kept = addFigures(kept, { [day(keptDays)]: sum([typed]) });
    assert.equal(Object.keys(kept).length, keptDays);
    assert.equal(Object.keys(kept)[0], day(5));
    const both = kept[day(keptDays)];
    assert.equal(both && shown(both), 2);
  });

  it('of a storage that somebody else wrote are read as far as they make sense', () => {
    for (const nonsense of [undefined, null, 7, 'x', [], { today: {} }]) assert.deepEqual(parseFigures(nonsense), {});
    const read = parseFigures({
      '2026-11-28': { accepted: 2, kept: -1, checked: 'x', words: '雨' },
      '2026-11-29': null,
    });
    assert.deepEqual(read, { '2026-11-28': sum([{ accepted: 2 }]), '2026-11-29': sum([]) });
  });
});
