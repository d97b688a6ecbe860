/** A long document is read in slices, one after the other, whatever is edited meanwhile. */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { BlockIndex } from '../../src/context/style/blockIndex';
import { ProsePlaces } from '../../src/editor/prosePlaces';
import { openText, until } from './editing';

describe('where prose may be written', () => {
  it('is read once more, not twice, where several cursors change what is being read', async () => {
    const places = new ProsePlaces();
    const read = mock.method(BlockIndex.prototype, 'read');
    try {
      const editor = await openText('雨停了。\n'.repeat(50_000));
      const { document } = editor;
      const isRead = () => places.isProse(document, document.lineAt(document.lineCount - 1).range.end, '', '');
      assert.ok(!isRead());
      for (let key = 0; key < 5; key++)
        await editor.edit((builder) => [0, 1].forEach((line) => builder.insert(new vscode.Position(line, 0), '后')));
      await until('it is read', isRead);
      await sleep(100);
      const slices = read.mock.calls.map(({ arguments: [, lines] }) => lines.length);
      assert.ok(!slices.includes(0), 'somebody found nothing left to read');
    } finally {
      read.mock.restore();
      places.dispose();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });
});
