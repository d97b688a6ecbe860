/**
 * Keys and values of the tokens computed so far, in the layout that the graph reads (`../manifest.ts`). The graph is
 * told how many rows are in use, returns only the new rows as float32, and they are copied or rounded in here: a step
 * costs the same however long the text is.
 */
import type { Tensor } from 'onnxruntime-node';
import type { Manifest } from '../manifest';
import { CachePlane, type PlaneLayout } from './cachePlane';
import { quantizeKeys, quantizeValues } from './quantizeRows';

export type CacheShape = Pick<Manifest, 'numLayers' | 'numHeads' | 'headSize' | 'contextLength' | 'kvCache'>;

/** The graph attends over the whole capacity, so a short text gets a small cache. */
const buckets = [64, 128, 256, 512, 1024];

interface LayerPlanes {
  key: CachePlane;
  value: CachePlane;
  /** What int8 needs besides. */
  scales?: { key: CachePlane; keyOffset: CachePlane; value: CachePlane };
}

export class KvCache {
  /** Feeds for the session: `past_key_values.<layer>.…`. */
  feeds: Record<string, Tensor> = {};
  private readonly layers: LayerPlanes[];
  private readonly planes: CachePlane[];
  private numRows = 1;
  private capacity: number;

  constructor(private readonly shape: CacheShape) {
    this.capacity = this.bucket(1);
    this.layers = Array.from({ length: shape.numLayers }, (_, layer) => layerPlanes(shape, layer, this.capacity));
    this.planes = this.layers.flatMap(({ key, value, scales }) => [
      key,
      value,
      ...(scales ? Object.values(scales) : []),
    ]);
    this.updateFeeds();
  }

  /** Rows of the batch; 1 at first. */
  get batch(): number {
    return this.numRows;
  }

  /** Makes room for `length` tokens, keeping the first `used`. */
  reserve(length: number, used: number): void {
    if (length <= this.capacity) return;
    this.capacity = this.bucket(length);
    for (const plane of this.planes) plane.grow(this.capacity, used);
    this.updateFeeds();
  }

  /** Becomes these rows of another cache's batch, or of its own. */
  takeRows(source: KvCache, rows: readonly number[]): void {
    this.planes.forEach((plane, i) => plane.takeRows(source.planes[i] as CachePlane, rows));
    this.numRows = rows.length;
    this.capacity = source.capacity;
    this.updateFeeds();
  }

  /** Takes in new tokens, `present` [numLayers, 2, batch, numHeads, numNew, headSize], behind the first `pastLength`. */
  append(present: Float32Array, pastLength: number, numNew: number): void {
    const { numHeads, headSize } = this.shape;
    const { capacity } = this;
    const heads = this.numRows * numHeads;
    const size = numNew * headSize;
    this.layers.forEach(({ key, value, scales }, layer) => {
      for (let head = 0; head < heads; head++) {
        const keys = (2 * layer * heads + head) * size;
        const values = ((2 * layer + 1) * heads + head) * size;
        if (scales) {
          const place = { head, pastLength, capacity, headSize, numNew };
          quantizeKeys(present, keys, key.values, scales.key.values, scales.keyOffset.values, place);
          quantizeValues(present, values, value.values, scales.value.values, place);
        } else {
          const to = (head * capacity + pastLength) * headSize;
          key.values.set(present.subarray(keys, keys + size), to);
          value.values.set(present.subarray(values, values + size), to);
        }
      }
    });
  }

  private bucket(length: number): number {
    const { contextLength } = this.shape;
    return Math.min(buckets.find((size) => size >= length) ?? contextLength, contextLength);
  }

  private updateFeeds(): void {
    this.feeds = Object.fromEntries(this.planes.map((plane) => [plane.name, plane.tensor]));
  }
}

function layerPlanes({ numHeads, headSize, kvCache }: CacheShape, layer: number, capacity: number): LayerPlanes {
  const plane = (kind: string, layout: Omit<PlaneLayout, 'name'>): CachePlane =>
    new CachePlane({ name: `past_key_values.${layer}.${kind}`, ...layout }, capacity);
  const rows = { type: kvCache, lanes: numHeads, unit: headSize, outer: [numHeads] };
  if (kvCache === 'float32') return { key: plane('key', rows), value: plane('value', rows) };
  const transposed = { type: kvCache, lanes: numHeads * headSize, unit: 1, outer: [numHeads, headSize] };
  const scales = { type: 'float32', lanes: numHeads, unit: 1, outer: [numHeads, 1] } as const;
  return {
    key: plane('key', transposed),
    value: plane('value', rows),
    scales: {
      key: plane('key_scales', scales),
      keyOffset: plane('key_offsets', scales),
      value: plane('value_scales', scales),
    },
  };
}
