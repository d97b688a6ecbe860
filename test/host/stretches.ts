/** From a processor profile: how long the thread was ours at a stretch. */
import type { Profiler } from 'node:inspector';

export interface Stretch {
  ms: number;
  /** Of which the garbage collector took so much. */
  collectorMs: number;
  /** Where most of it was spent: a function of ours, the line and the column at which it stands, from 1. */
  where: string;
}

/**
 * @param samplingUs between two samples. One that comes much later tells that the thread had to wait for a processor, which
 * other programs had; that is not counted
 * @param isOurs whether the function at this address is what is looked for; what it calls counts as its own
 */
export function stretchesOf(
  profile: Profiler.Profile,
  samplingUs: number,
  isOurs: (url: string, functionName: string) => boolean,
): Stretch[] {
  const { nodes, samples = [], timeDeltas = [] } = profile;
  const parents = new Map<number, number>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, children } of nodes) for (const child of children ?? []) parents.set(child, id);

  /** Our innermost function below which the sample was taken, and VS Code's outermost, which tells callbacks apart. */
  const places = new Map<number, { ours: string; entry: number } | null>();
  for (const { id } of nodes) {
    let ours = '';
    let entry = id;
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame && isOurs(frame.url, frame.functionName))
        ours ||= `${frame.functionName || '(anonymous)'}:${frame.lineNumber + 1}:${frame.columnNumber + 1}`;
      if (parents.get(at) !== undefined && parents.get(parents.get(at) as number) === undefined) entry = at;
    }
    places.set(id, ours === '' ? null : { ours, entry });
  }

  const stretches: Stretch[] = [];
  let current: { entry: number; us: number; collectorUs: number; by: Map<string, number> } | null = null;
  const close = (): void => {
    if (!current) return;
    const [where = ''] = [...current.by].sort((a, b) => b[1] - a[1]).map(([name]) => name);
    stretches.push({ ms: current.us / 1000, collectorMs: current.collectorUs / 1000, where });
    current = null;
  };
  samples.forEach((id, i) => {
    // What lies before the next sample was spent as this one says.
    const us = Math.min(timeDeltas[i + 1] ?? 0, 2 * samplingUs);
    const isCollector = byId.get(id)?.callFrame.functionName === '(garbage collector)';
    const place = places.get(id);
    if (isCollector && current) {
      current.us += us;
      current.collectorUs += us;
    } else if (!place) close();
    else {
      if (current && current.entry !== place.entry) close();
      current ??= { entry: place.entry, us: 0, collectorUs: 0, by: new Map() };
      current.us += us;
      current.by.set(place.ours, (current.by.get(place.ours) ?? 0) + us);
    }
  });
  close();
  return stretches;
}
