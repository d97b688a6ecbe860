/** What VS Code is asked to tell the writer. */
import * as vscode from 'vscode';

export interface Told {
  message: string;
  /** The buttons. */
  actions: string[];
}

const asks = ['showInformationMessage', 'showWarningMessage', 'showErrorMessage'] as const;

/**
 * What is told while `act` runs.
 * @param answer the button that is pressed wherever it is offered, or several of them; none without it
 * @param meanwhile what the writer does before
 */
export async function toldDuring(
  act: () => unknown,
  answer: string | readonly string[] = [],
  meanwhile: () => unknown = () => undefined,
): Promise<Told[]> {
  const window = vscode.window as unknown as Record<string, unknown>;
  const original = asks.map((name) => [name, window[name]] as const);
  const told: Told[] = [];
  for (const name of asks)
    window[name] = async (message: string, ...rest: unknown[]) => {
      const actions = rest.filter((item) => typeof item === 'string');
      told.push({ message, actions });
      const pressed = actions.find((action) => [answer].flat().includes(action));
      if (pressed !== undefined) await meanwhile();
      return pressed;
    };
  try {
    await act();
    return told;
  } finally {
    for (const [name, value] of original) window[name] = value;
  }
}
