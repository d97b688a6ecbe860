/** Reports that come faster than anybody can read: a model writes several hundred tokens in a second. */

export interface Paced<T> {
  /** The first is told at once, then the latest of each interval. */
  report: (value: T) => void;
  /** Nothing more is told. */
  end: () => void;
}

export function paced<T>(intervalMs: number, tell: (value: T) => void): Paced<T> {
  let latest: { value: T } | null = null;
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    timer = undefined;
    if (!latest) return;
    const { value } = latest;
    latest = null;
    timer = setTimeout(next, intervalMs);
    tell(value);
  };
  return {
    report: (value) => {
      latest = { value };
      if (timer === undefined) next();
    },
    end: () => {
      latest = null;
      clearTimeout(timer);
    },
  };
}
