/** 续写 with a text that is known beforehand, or heard: where the test is of what becomes of it in the document. */
import * as vscode from 'vscode';
import type { MoxuApi } from '../../src/extension';
import type { GenerateOptions } from '../../src/options';
import type { Prompt } from '../../src/protocol';

/** Pieces of text, or what happens between them, which the next piece waits for. */
export type Script = readonly (string | (() => unknown))[];

/** What the engine is asked. */
export interface Asked {
  prompt: Prompt;
  options: Partial<GenerateOptions>;
}

/** Runs `act` while the engine writes what the script says. @returns what was asked of the engine first: behind a text a ghost may be wanted */
export async function scripted(script: Script, act: () => unknown): Promise<Asked | undefined> {
  const { engine } = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
  const generate = engine.generate.bind(engine);
  let asked: Asked | undefined;
  engine.generate = async function* (prompt, options, signal) {
    asked ??= { prompt, options };
    let text = '';
    for (const step of script) {
      if (signal.aborted) break;
      if (typeof step !== 'string') await step();
      else {
        text += step;
        yield { text: step, logProb: 0, numTokens: 1 };
      }
    }
    const numTokens = script.length;
    return { text, finishReason: signal.aborted ? 'aborted' : 'stop', numTokens, numPromptTokens: 1 };
  };
  try {
    await act();
    return asked;
  } finally {
    engine.generate = generate;
  }
}

export interface Heard {
  /** Of the latest run. */
  text: string;
  dispose: () => void;
}

/** Listens to what the engine streams: the text as the model has it, whatever becomes of it in the document. */
export async function hear(): Promise<Heard> {
  const { engine } = (await vscode.extensions.getExtension<MoxuApi>('moxu.moxu')?.activate()) as MoxuApi;
  const generate = engine.generate.bind(engine);
  const heard: Heard = { text: '', dispose: () => void (engine.generate = generate) };
  engine.generate = async function* (...request) {
    heard.text = '';
    const stream = generate(...request);
    for (;;) {
      const { done, value } = await stream.next();
      if (done) return value;
      heard.text += value.text;
      yield value;
    }
  };
  return heard;
}

/** Quotes and brackets are set in pairs, paragraphs and spaces as the document has them: nothing else may differ from what was heard. */
export const withoutStyle = (text: string): string => text.replace(/[\s“”‘’「」『』）》〉】〕]/gu, '');
