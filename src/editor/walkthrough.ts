/**
 * The steps of the walkthrough, ticked off by what they tell of. VS Code does that by itself (`completionEvents` in
 * package.json), but hears of nothing before it has shown a walkthrough, or its page of welcome, in the same window; nor does
 * it look at a context key that was set before. Each is ticked once: whoever takes a tick away wants it so.
 */
import * as vscode from 'vscode';

export const walkthrough = 'moxu.moxu#moxu.start';

export type Step = 'ghost' | 'continue' | 'article' | 'models';

const stateKey = 'moxu.stepsDone';

export class WalkthroughSteps {
  constructor(private readonly state: vscode.Memento) {}

  tickOff(step: Step): void {
    const done = this.state.get<readonly Step[]>(stateKey, []);
    if (done.includes(step)) return;
    void this.state.update(stateKey, [...done, step]);
    // VS Code notes the step, and complains where it has not read what the walkthrough is.
    void vscode.commands.executeCommand('welcome.markStepComplete', `${walkthrough}#${step}`).then(
      () => undefined,
      () => undefined,
    );
  }
}
