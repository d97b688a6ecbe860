/** What somebody typed into settings.json is brought into range, whatever it is. (The panel's form: panelRequest.test.ts.) */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import {
  continuationSettings,
  ghostTextEnabled,
  setGhostTextEnabledIn,
  toggleGhostText,
} from '../../src/editor/settings';
import { openText } from './editing';

describe('settings', () => {
  const set = (value: unknown) =>
    vscode.workspace.getConfiguration('moxu').update('continuation.length', value, vscode.ConfigurationTarget.Global);
  after(async () => {
    await set(undefined);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('the length of 续写 is a whole number of 字 that can be written, whatever stands there', async () => {
    const { document } = await openText('雨');
    for (const [value, length] of [
      [undefined, 150],
      [200, 200],
      [12.6, 13],
      [0, 10],
      [-1, 10],
      [1e9, 5000],
      [NaN, 150],
      ['200', 150],
      [[200], 150],
      [true, 150],
    ] as const) {
      await set(value);
      assert.equal(continuationSettings(document).length, length, String(value));
    }
  });

  describe('the switch of ghost text in a workspace of several folders', () => {
    type Values = Partial<Record<'global' | 'workspace' | 'workspaceFolder', boolean>>;
    const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
    const places = { [Global]: 'global', [Workspace]: 'workspace', [WorkspaceFolder]: 'workspaceFolder' } as const;
    const merged = ({ global, workspace, workspaceFolder }: Values) => workspaceFolder ?? workspace ?? global;
    let all: Values;
    let language: Values;
    let restore = (): void => undefined;

    /** To have two folders would start the extension host, and the tests, anew. */
    beforeEach(() => {
      const { workspace } = vscode;
      const { getConfiguration } = workspace;
      const workspaceFile = Object.getOwnPropertyDescriptor(workspace, 'workspaceFile') ?? assert.fail();
      const named = (values: Values, suffix: string) =>
        Object.fromEntries(Object.entries(values).map(([where, value]) => [`${where}${suffix}`, value]));
      const configuration = {
        get: () => merged(language) ?? merged(all) ?? true,
        inspect: () => ({ defaultValue: true, ...named(all, 'Value'), ...named(language, 'LanguageValue') }),
        update: (_: string, value: boolean | undefined, target: vscode.ConfigurationTarget, inLanguage: boolean) => {
          const others = Object.entries(inLanguage ? language : all).filter(([where]) => where !== places[target]);
          const values = Object.fromEntries(value === undefined ? others : [...others, [places[target], value]]);
          if (inLanguage) language = values;
          else all = values;
          return Promise.resolve();
        },
      };
      Object.assign(workspace, { getConfiguration: () => configuration });
      const file = vscode.Uri.file('/several.code-workspace');
      Object.defineProperty(workspace, 'workspaceFile', { ...workspaceFile, get: () => file });
      restore = () => {
        Object.assign(workspace, { getConfiguration });
        Object.defineProperty(workspace, 'workspaceFile', workspaceFile);
      };
    });
    afterEach(() => restore());

    it('is the folder’s where that has a value of its own, else the workspace’s, else the writer’s', async () => {
      for (const [before, behind] of [
        [{ workspaceFolder: false }, {}],
        [{ workspaceFolder: true }, { workspaceFolder: false }],
        [
          { global: false, workspaceFolder: false },
          { global: false, workspaceFolder: true },
        ],
        [{ workspace: false }, {}],
        [{ global: false }, {}],
        [{}, { global: false }],
      ] as const) {
        [all, language] = [{ ...before }, {}];
        const wasOn = ghostTextEnabled();
        await toggleGhostText();
        assert.deepEqual([all, ghostTextEnabled()], [behind, !wasOn]);
      }
    });

    it('works for one language, whatever the folder says', async () => {
      for (const folder of [
        { all: {}, language: { workspaceFolder: false } },
        { all: { workspaceFolder: false }, language: {} },
      ]) {
        ({ all, language } = structuredClone(folder));
        await setGhostTextEnabledIn({ languageId: 'markdown' }, true);
        assert.equal(ghostTextEnabled(), true);
        await setGhostTextEnabledIn({ languageId: 'markdown' }, false);
        assert.equal(ghostTextEnabled(), false);
      }
    });
  });
});
