/**
 * Fits a prompt into the model's window: the title and its separator stay at the front however long the text has grown,
 * and as much of the latest text follows as there is room for.
 *
 *     [start] title <sep> …… latest text |            | room to generate
 *     └──── pinned ─────┘└ moves in hops ┘
 *
 * As long as the text is there from its beginning, the token that says so follows <sep>, if the model knows one.
 *
 * The window moves in hops, not by a token at each keystroke: between two hops consecutive prompts share their prefix,
 * and with it the KV cache.
 */
import type { Manifest } from '../manifest';
import type { Prompt } from '../protocol';
import type { Tokenizer } from '../tokenizer/tokenizer';

export interface EncodedPrompt {
  titleIds: readonly number[];
  textIds: readonly number[];
  /** The text starts where the document's body starts, so nothing precedes it. */
  fromStart: boolean;
  /** As in Prompt. */
  endsWord?: boolean;
}

/** A title that is the text's first line brings the line's end with it. */
export function encodePrompt(
  { title, text, fromStart, endsWord = false }: Prompt,
  { tokenizer, manifest }: { tokenizer: Tokenizer; manifest: Pick<Manifest, 'promptLayout'> },
): EncodedPrompt {
  const isFirstLine = manifest.promptLayout === 'title-text' && title !== '';
  const titleIds = tokenizer.encode(isFirstLine ? `${title}\n` : title);
  return { titleIds, textIds: tokenizer.encode(text), fromStart, endsWord };
}

type WindowModel = Pick<Manifest, 'contextLength' | 'promptLayout' | 'specialTokens'>;

/** A title may take at most this share of the window. */
const titleShare = 0.25;

export function promptWindow(prompt: EncodedPrompt, model: WindowModel): number[] {
  const { contextLength, specialTokens } = model;
  const hop = Math.max(1, Math.floor(contextLength / 4));
  const start = specialTokens.start === null ? [] : [specialTokens.start];
  const [heading, opening] = [headingOf(prompt, model), openingOf(prompt, model)];
  // At least a hop of room is left to generate in.
  const room = contextLength - start.length - heading.length - opening.length - hop;
  const overflow = Math.max(0, prompt.textIds.length - room);
  const from = Math.ceil(overflow / hop) * hop;
  const text = prompt.textIds.slice(from);
  const untitledMiddle = prompt.titleIds.length === 0 && from > 0;
  const window = [...start, ...(untitledMiddle ? [] : heading), ...(from > 0 ? [] : opening), ...text];
  // A model needs something to start from: the token after which texts begin.
  return window.length > 0 ? window : [specialTokens.separator ?? specialTokens.endOfText[0] ?? 0];
}

/** Tokens of the title that stay in the window. */
export function pinnedLength({ titleIds }: EncodedPrompt, model: WindowModel): number {
  return model.promptLayout === 'text' ? 0 : Math.min(titleIds.length, Math.floor(model.contextLength * titleShare));
}

/** What stays before the text: the title, if the layout has one, and what divides it from the text. */
function headingOf(prompt: EncodedPrompt, model: WindowModel): number[] {
  if (model.promptLayout === 'text') return [];
  const title = prompt.titleIds.slice(0, pinnedLength(prompt, model));
  const separator = separatorOf(model);
  return separator !== null && (title.length > 0 || prompt.fromStart) ? [...title, separator] : title;
}

/** What says that the text begins here, not in the middle. */
function openingOf({ fromStart }: EncodedPrompt, model: WindowModel): number[] {
  const { opening } = model.specialTokens;
  return fromStart && opening !== undefined && separatorOf(model) !== null ? [opening] : [];
}

function separatorOf({ promptLayout, specialTokens }: WindowModel): number | null {
  return promptLayout === 'title-separator-text' ? specialTokens.separator : null;
}
