/** Every message between the extension host and its pages: the 题目成文 panel and the writer's figures. */
import type { PresetName } from './presets';

/** What the writer asks of an article. */
export interface ArticleRequest {
  /** One line, not empty. */
  title: string;
  /** How the text begins, in the model's form; '' where the model is to begin it. */
  opening: string;
  /** Of the whole text, opening included, in 字 (see characterCount). */
  length: number;
  preset: PresetName;
  seed: number;
}

export const articleStates = ['writing', 'finished', 'stopped', 'failed'] as const;
export type ArticleState = (typeof articleStates)[number];

export interface Article extends ArticleRequest {
  id: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  /** What the model has written, without the opening. */
  text: string;
  state: ArticleState;
  /** From the first piece of text to the last. */
  writingMs: number;
}

/** A line of the history. */
export type ArticleSummary = Pick<Article, 'id' | 'title' | 'startedAt' | 'state'> & { characters: number };

/** What is in the panel's fields, whether it makes sense or not. */
export interface ArticleDraft {
  title: string;
  opening: string;
  length: string;
  preset: string;
  seed: string;
  isMoreOpen: boolean;
  /** Milliseconds since 1970. */
  editedAt: number;
}

/** What the panel is told to do, and does, outside the article. */
export interface PanelMessage {
  kind: 'notice' | 'problem';
  text: string;
  actions: ('openLog' | 'openSettings' | 'openSampling' | 'chooseModel' | 'openDownload')[];
}

/** From the page. Not trusted: parsePanelRequest looks at every value. */
export type PanelRequest =
  /** The page was loaded and knows nothing yet. */
  | { type: 'ready' }
  /** The fields have changed: keep them for the next window. */
  | { type: 'draft'; draft: ArticleDraft }
  /** Write an article, unless one is being written; without a seed, on a random one. */
  | { type: 'generate'; request: Omit<ArticleRequest, 'seed'> & { seed: number | null } }
  /** End the article that is being written. */
  | { type: 'stop' }
  /** Write another article on the same request, with a new seed. */
  | { type: 'retry'; id: string }
  /** Show an article of the history. */
  | { type: 'show'; id: string }
  /** Insert the article at the cursor of the last active editor. */
  | { type: 'insert'; id: string }
  /** Open the article, with its title, as a new Markdown document. */
  | { type: 'openAsDocument'; id: string }
  /** Put the article's text on the clipboard. */
  | { type: 'copy'; id: string }
  /** Ask the writer, then erase an article of the history. */
  | { type: 'erase'; id: string }
  /** Ask the writer, then erase the history. */
  | { type: 'eraseAll' }
  /** What is said has been read: it is not to be said again. */
  | { type: 'dismiss' }
  /** Show the log. */
  | { type: 'openLog' }
  /** Show the setting that chooses the model. */
  | { type: 'openSettings' }
  /** Show the setting of how words are drawn. */
  | { type: 'openSampling' }
  /** Show the models that can be chosen. */
  | { type: 'chooseModel' }
  /** Show where the library can be had that the system lacks. */
  | { type: 'openDownload' }
  /** Ask for the folder of a model, and import it. */
  | { type: 'importModel' }
  /** Show which models can be imported. */
  | { type: 'showFamilies' };

/** To the page. A page that is hidden misses them, and asks with `ready` when it is shown again. */
export type PanelReply =
  /** All there is to show. Answers `ready`, and follows every change but a growing text. */
  | {
      type: 'state';
      /** The one that is shown. */
      article: Article | null;
      /** The one that is being written, shown or not. */
      writingId: string | null;
      /** Newest first. */
      history: ArticleSummary[];
      /** As last kept; the page may have newer ones. */
      draft: ArticleDraft | null;
      model: { isTrial: boolean; isLoading: boolean };
      message: PanelMessage | null;
    }
  /** The text of an article goes on at index `from`. */
  | { type: 'delta'; id: string; from: number; text: string; writingMs: number };

/** Counts of what became of suggestions, on one day or on several together; characters are 字. */
export interface Figures {
  /** Suggestions by what became of them; together they are those that were shown. */
  accepted: number;
  partlyAccepted: number;
  typedThrough: number;
  passedOver: number;
  charactersShown: number;
  charactersAccepted: number;
  /** Of suggestions that were typed to their end. */
  charactersTyped: number;
  /** Pieces accepted at least a minute ago; of these, the ones of which nothing was removed. */
  checked: number;
  kept: number;
  charactersChecked: number;
  charactersKept: number;
}

/** By day, as 2026-11-28 in the writer's time. */
export type FiguresByDay = Record<string, Figures>;

/** From the page of the writer's figures. Not trusted: parseFiguresRequest looks at every value. */
export type FiguresRequest =
  /** The page was loaded and knows nothing yet. */
  | { type: 'ready' }
  /** Count from now on, or stop counting. */
  | { type: 'setEnabled'; enabled: boolean }
  /** Ask the writer, then erase all figures. */
  | { type: 'erase' };

/** To that page; again whenever something has changed. */
export interface FiguresReply {
  type: 'figures';
  /** As the days of `byDay`. */
  today: string;
  byDay: FiguresByDay;
  /** Whether they are being counted. */
  isOn: boolean;
}
