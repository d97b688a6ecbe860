/**
 * Fits a prompt into the model's window: the title and its separator stay at the front however long the text has grown,
 * and as much of the latest text follows as there is room for.
 *
 *     title <sep> …… latest text |            | room to generate
 *     └─ pinned ─┘└ moves in hops┘
 *
 * The window moves in hops, not by a token at each keystroke: between two hops consecutive prompts share their prefix,
 * and with it the KV cache.
 */
import type { Manifest } from '../manifest';

export interface EncodedPrompt {
  titleIds: readonly number[];
  textIds: readonly number[];
  /** The text starts where the document's body starts, so nothing precedes it. */
  fromStart: boolean;
}

type WindowModel = Pick<Manifest, 'contextLength' | 'promptLayout' | 'specialTokens'>;

/** A title may take at most this share of the window. */
const titleShare = 0.25;

export function promptWindow(prompt: EncodedPrompt, model: WindowModel): number[] {
  const hop = Math.max(1, Math.floor(model.contextLength / 4));
  const separator = model.promptLayout === 'title-separator-text' ? model.specialTokens.separator : null;
  const title = separator === null ? [] : prompt.titleIds.slice(0, Math.floor(model.contextLength * titleShare));
  const pinned = separator !== null && (title.length > 0 || prompt.fromStart) ? [...title, separator] : title;
  // At least a hop of room is left to generate in.
  const room = model.contextLength - pinned.length - hop;
  const overflow = Math.max(0, prompt.textIds.length - room);
  const start = Math.ceil(overflow / hop) * hop;
  const untitledMiddle = title.length === 0 && start > 0;
  const window = [...(untitledMiddle ? [] : pinned), ...prompt.textIds.slice(start)];
  // A model needs something to start from: the token after which texts begin.
  return window.length > 0 ? window : [separator ?? model.specialTokens.endOfText[0] ?? model.specialTokens.unknown];
}
