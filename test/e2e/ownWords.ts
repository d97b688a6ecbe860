/** What was learnt from the writer's texts and erased stays so when the window is opened anew. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import titles from '../../package.nls.zh-cn.json';
import type { Probe } from '../host/inputProbing';
import type { Workbench } from '../host/workbench';

/** No model knows this name. */
const inFile = '澹台霁月推开门。澹台霁月把灯放下。后来，澹台霁月再没有来过。';
const name = '人物.md';
const before = '# 旧事\n\n那天夜里，敲门的人是澹台';
const rest = '霁月';

export function ownWords(opened: () => Workbench, probing: () => Probe): void {
  describe('the writer’s own words', () => {
    /** Whether one of the suggestions completes the name, once all is learnt that is to be. */
    async function isKnown(): Promise<boolean> {
      const probe = probing();
      await probe.open(before);
      await probe.until('all is learnt', ({ isLearnt }) => isLearnt);
      await probe.forget();
      await probe.trigger();
      const { answers } = await probe.until('a ghost', (state) => state.answers.some((one) => one.before === before));
      return answers.some(({ ghosts }) => ghosts.some((ghost) => ghost.startsWith(rest)));
    }

    it('erased, are not learnt anew from the workspace’s files when the window is opened anew', async () => {
      const workbench = opened();
      await workbench.openFile(name, inFile);
      await workbench.closeFile(name);
      await probing().until('it is learnt', ({ requests }) =>
        requests.some(({ type, prompt }) => type === 'learn' && prompt.includes(inFile)),
      );
      await probing().forget();
      await workbench.runCommand(titles['command.forgetOwnWords']);
      await probing().until('all is erased', ({ requests }) => requests.some(({ type }) => type === 'forget'));
      await probing().close();
      // In a browser VS Code writes down what it keeps a moment later, and not when a page is left.
      await sleep(2000);
      await workbench.reload();
      assert.ok(!(await isKnown()), 'it stays erased');
    });
  });
}
