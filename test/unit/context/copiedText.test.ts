import assert from 'node:assert/strict';
import { copyLimit } from '../../../src/context/copiedText';

const hall = '小时候我最喜欢坐在门槛上听雨。后来老屋拆了，门槛也没有了。';

describe('a ghost that copies', () => {
  const cases: [what: string, before: string, ghost: string, shown: string][] = [
    ['a sentence: its first term stays', `${hall}小`, '时候我最喜欢坐在', '时候'],
    ['a name, and what followed it', '慕容栖梧是三月里来的。大家提起慕容', '栖梧是三月里来', '栖梧'],
    ['up to a comma', '次仁多吉，五十来岁。到了山口，次仁', '多吉，五十来岁', '多吉'],
    ['behind words of its own, it stops', `${hall}他说`, '从前，小时候我最喜欢坐', '从前，小时候'],
    ['no more than a term has', `${hall}我`, '最喜欢坐在门', '最喜欢坐在门'],
    ['something else', `${hall}我`, '从来没有见过这样大的雨', '从来没有见过这样大的雨'],
    ['no more than the writer has just copied', `${hall}小时候我最喜欢坐`, '在门槛上听雨', '在门槛上听雨'],
    ['as much as the writer has, and the next', `${hall}小时候我最喜欢坐`, '在门槛上听雨。后', '在门槛上听雨。后'],
    ['more than the writer has', `${hall}小时候我最喜欢坐`, '在门槛上听雨。后来', '在门槛上'],
    [
      'a title in Latin letters',
      'Conquest of Paradise 这首歌。又听 Conq',
      'uest of Paradise 这',
      'uest of Paradise 这',
    ],
    ['and then goes on by itself', `${hall}后来他说`, '小时候我最喜欢坐在门槛上看雪。', '小时候'],
    ['a title in its marks', '我读《红楼梦》里的故事给她听。后来又读', '《红楼梦》里的故事给', '《红楼梦》'],
    ['from a comma on', '他来了，但是他没有说话。我问了', '，但是他没有说话', '，但是'],
    ['a word that a particle ends', '教育的根本目的在于培养人。说到', '根本目的在于培养', '根本目的'],
    [
      'a name with marks inside',
      '用 worker_threads 模块来读文件。又用 ',
      'worker_threads 模块来读文件。',
      'worker_threads 模块',
    ],
    ['in another width', '今天天气很好,我们出去走走吧。后来', '今天天气很好，我们出去', '今天天气'],
    ['in other quotes', '「走吧走吧走吧」她说。后来', '“走吧走吧走吧”她说', '“走吧走吧'],
    ['what nobody wrote before', '', '时候我最喜欢坐在', '时候我最喜欢坐在'],
  ];
  for (const [what, before, ghost, shown] of cases)
    it(what, () => assert.equal(ghost.slice(0, copyLimit(before, ghost)), shown));

  it('of texts learnt elsewhere', () => {
    assert.equal(copyLimit('', '时候我最喜欢坐', 0), 2);
    assert.equal(copyLimit('', '时候我最喜欢', 0), 6);
    assert.equal(copyLimit('', '他说，时候我最喜欢', 3), 9);
    assert.equal(copyLimit('', '他说，小时候我最喜欢', 3), 6);
  });

  it('of several places the one that the writer copies longest counts', () => {
    const before = '今天下雨，门前的老树开花了。昨天下雪，门前的老树结果了。今天下雨，门前的';
    assert.equal(copyLimit(before, '老树开花了。昨天'), 8);
    assert.equal(copyLimit(`${hall}今天的`, hall.slice(0, 7)), 3);
  });
});
