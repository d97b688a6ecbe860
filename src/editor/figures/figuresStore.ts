/**
 * The writer's figures, in VS Code's own storage on this machine: never sent, nor synchronised. Another window may count
 * too, so what is new here is added to what is there by then.
 */
import * as vscode from 'vscode';
import { addFigures, dayOf, parseFigures, sum } from '../../context/figures';
import type { Figures, FiguresByDay } from '../../pages';

const stateKey = 'moxu.figures';

/** Not at each suggestion; and one timer, when there is something to keep. */
const keepAfterMs = 1000;
/** Of an erasure. */
const mostTries = 5;

export class FiguresStore implements vscode.Disposable {
  private fresh: FiguresByDay = {};
  private timer: NodeJS.Timeout | undefined;
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  private readonly erased = new vscode.EventEmitter<void>();
  /** What is still being watched belongs to what was erased. */
  readonly onErase = this.erased.event;

  constructor(private readonly state: vscode.Memento) {}

  get byDay(): FiguresByDay {
    return addFigures(parseFigures(this.state.get(stateKey)), this.fresh);
  }

  add(figures: Partial<Figures>): void {
    this.fresh = addFigures(this.fresh, { [dayOf(new Date())]: sum([figures]) });
    this.timer ??= setTimeout(() => void this.keep(), keepAfterMs);
    this.changed.fire();
  }

  /** VS Code tells of each change afterwards; where it is just telling of one that was kept before, it brings that back. */
  async erase(): Promise<void> {
    this.fresh = {};
    this.erased.fire();
    for (let tries = 0; tries < mostTries; tries++) {
      await this.state.update(stateKey, undefined);
      if (this.state.get(stateKey) === undefined) break;
    }
    this.changed.fire();
  }

  dispose(): void {
    if (this.timer) void this.keep();
    this.changed.dispose();
    this.erased.dispose();
  }

  private async keep(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { byDay } = this;
    this.fresh = {};
    await this.state.update(stateKey, byDay);
  }
}
