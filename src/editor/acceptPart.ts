/** Takes a part of the ghost text: a 词, a 分句 or a 句. VS Code's own “accept word” takes a whole line of Chinese. */
import * as vscode from 'vscode';
import { unitEnds } from '../context/acceptUnits';
import type { UnitEnds } from '../context/acceptUnits';
import type { Compositions } from './compositions';
import type { GhostWitness } from './figures/ghostWitness';
import type { GhostTextProvider } from './ghostText';
import type { JustAccepted } from './justAccepted';

/** Inserts the part where the cursor is; VS Code keeps the rest on screen, as if the part had been typed. */
export async function acceptPart(
  ghostText: GhostTextProvider,
  compositions: Compositions,
  witness: GhostWitness,
  justAccepted: JustAccepted,
  part: keyof UnitEnds,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const position = editor.selection.active;
  const ghost = editor.selections.length === 1 ? ghostText.shownAt(editor.document, position) : '';
  const before = editor.document.lineAt(position.line).text.slice(0, position.character);
  const length = unitEnds(ghost, before)[part][0];
  if (length === undefined) {
    // What is shown is not ours.
    await vscode.commands.executeCommand('editor.action.inlineSuggest.acceptNextWord');
    return;
  }
  const accepted = ghost.slice(0, length);
  justAccepted.begin();
  const insert = () => {
    compositions.expect(editor.document, accepted);
    // Not `insert`, which pushes along what begins here: older VS Code (1.90) then takes the rest for out of place, and the
    // screen is without it until we have been asked anew.
    return editor.edit((builder) => builder.replace(new vscode.Range(position, position), accepted));
  };
  // Refused where the document changed meanwhile, by a formatter that runs on save for example: the key is not lost.
  const isThere = (await insert()) || (ghostText.shownAt(editor.document, position) === ghost && (await insert()));
  if (isThere) witness.acceptedEdit();
}
