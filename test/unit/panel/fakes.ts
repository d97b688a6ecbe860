/** Stand-ins for VS Code's storage and for the engine. */
import type { Memory } from '../../../src/editor/article/articleHistory';
import type { Engine } from '../../../src/engine/engine';
import type { GenerateOptions } from '../../../src/options';
import type { Sampling } from '../../../src/manifest';
import type { Article } from '../../../src/pages';
import type { FinishReason, ModelInfo, Prompt } from '../../../src/protocol';

export class FakeMemory implements Memory {
  private readonly values = new Map<string, string>();
  updates = 0;

  get(key: string): unknown {
    const json = this.values.get(key);
    return json === undefined ? undefined : JSON.parse(json);
  }

  update(key: string, value: unknown): Promise<void> {
    this.updates++;
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, JSON.stringify(value));
    return Promise.resolve();
  }
}

export interface Call {
  prompt: Prompt;
  options: Partial<GenerateOptions>;
  signal: AbortSignal;
}

/** What the engine writes in one request: pieces, and how it ends; an Error is thrown at the end instead. */
export interface Script {
  pieces: string[];
  end: FinishReason | Error;
}

/** Plays a script for each request; a piece at a time, each after a turn of the event loop. */
export class FakeEngine implements Pick<Engine, 'generate' | 'load'> {
  readonly calls: Call[] = [];
  /** How the model's authors sample. */
  sampling: Sampling | null = null;

  constructor(private readonly scripts: Script[]) {}

  load(): Promise<ModelInfo> {
    return Promise.resolve({ sampling: this.sampling } as ModelInfo);
  }

  async *generate(
    prompt: Prompt,
    options: Partial<GenerateOptions>,
    signal: AbortSignal,
  ): ReturnType<Engine['generate']> {
    const script = this.scripts[this.calls.length] ?? { pieces: [], end: 'endOfText' };
    this.calls.push({ prompt, options, signal });
    let text = '';
    for (const piece of script.pieces) {
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) return { text, finishReason: 'aborted', numTokens: 0, numPromptTokens: 0 };
      text += piece;
      yield { text: piece, logProb: 0, numTokens: 1 };
    }
    if (script.end instanceof Error) throw script.end;
    return { text, finishReason: script.end, numTokens: 0, numPromptTokens: 0 };
  }
}

export function article(changes: Partial<Article> = {}): Article {
  return {
    ...{ id: 'a', title: '雨', opening: '', length: 400, preset: 'balanced', seed: 1 },
    ...{ startedAt: 0, text: '下雨了。', state: 'finished', writingMs: 10 },
    ...changes,
  };
}
