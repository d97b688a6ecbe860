import * as vscode from 'vscode';
import type { LineEnd } from '../context/trackedRange';

export function lineEndOf({ eol }: vscode.TextDocument): LineEnd {
  return eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}
