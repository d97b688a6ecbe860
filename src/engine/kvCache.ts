/**
 * Keys and values of the tokens computed so far, in the layout that the graph reads (`../manifest.ts`). The graph is
 * told which rows a token sees, returns only the new rows as float32, and they are copied or rounded in here: a step
 * costs the same however long the text is.
 */
import type { Tensor } from './onnxRuntime';
import { tileRows, type Manifest } from '../manifest';
import { CachePlane, type PlaneLayout } from './cachePlane';
import { quantizeKeys, quantizeValues } from './quantizeRows';

export type CacheShape = Pick<Manifest, 'numLayers' | 'numHeads' | 'headSize' | 'contextLength' | 'kvCache'>;

/** The graph attends over the whole capacity, so a short text gets a small cache. */
const buckets = [64, 128, 256, 512, 1024];
const largestBucket = 1024;

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
  private rows: number;

  constructor(private readonly shape: CacheShape) {
    this.rows = this.bucket(1);
    this.layers = Array.from({ length: shape.numLayers }, (_, layer) => layerPlanes(shape, layer, this.rows));
    this.planes = this.layers.flatMap(({ key, value, scales }) => [
      key,
      value,
      ...(scales ? Object.values(scales) : []),
    ]);
    this.updateFeeds();
  }

  /** Rows there is room for; the graph attends over all of them. */
  get capacity(): number {
    return this.rows;
  }

  /** Makes room for `length` tokens, keeping the first `used`; gives up three quarters that are not needed. */
  reserve(length: number, used: number): void {
    const rows = this.bucket(length);
    if (length <= this.rows && rows * 4 > this.rows) return;
    this.rows = rows;
    for (const plane of this.planes) plane.resize(rows, used);
    this.updateFeeds();
  }

  /** Takes in new tokens, `present` [numLayers, 2, 1, numHeads, numNew, headSize], behind the first `pastLength`. */
  append(present: Float32Array, pastLength: number, numNew: number): void {
    const { numHeads, headSize } = this.shape;
    const { capacity } = this;
    const tile = this.shape.kvCache === 'int8-tiled' ? tileRows : capacity;
    const size = numNew * headSize;
    this.layers.forEach(({ key, value, scales }, layer) => {
      for (let head = 0; head < numHeads; head++) {
        const keys = (2 * layer * numHeads + head) * size;
        const values = ((2 * layer + 1) * numHeads + head) * size;
        if (scales) {
          const place = { head, pastLength, capacity, headSize, numNew };
          quantizeKeys(present, keys, key.values, scales.key.values, scales.keyOffset.values, { ...place, tile });
          quantizeValues(present, values, value.values, scales.value.values, place);
        } else {
          const to = (head * capacity + pastLength) * headSize;
          key.values.set(present.subarray(keys, keys + size), to);
          value.values.set(present.subarray(values, values + size), to);
        }
      }
    });
  }

  /** A text never needs more than the window; texts that go on side by side do. */
  private bucket(length: number): number {
    const { contextLength, kvCache } = this.shape;
    const size = buckets.find((capacity) => capacity >= length) ?? roundUp(length, largestBucket);
    const rows = length <= contextLength ? Math.min(size, contextLength) : size;
    return kvCache === 'int8-tiled' ? roundUp(rows, tileRows) : rows;
  }

  private updateFeeds(): void {
    this.feeds = Object.fromEntries(this.planes.map((plane) => [plane.name, plane.tensor]));
  }
}

const roundUp = (length: number, step: number): number => Math.ceil(length / step) * step;

function layerPlanes({ numHeads, headSize, kvCache }: CacheShape, layer: number, capacity: number): LayerPlanes {
  const plane = (kind: string, layout: Omit<PlaneLayout, 'name'>): CachePlane =>
    new CachePlane({ name: `past_key_values.${layer}.${kind}`, ...layout }, capacity);
  const type = kvCache === 'float32' ? 'float32' : 'int8';
  const rows: Omit<PlaneLayout, 'name'> = {
    ...{ type, lanes: numHeads, unit: headSize, tile: 1, axes: (rows) => [numHeads, rows, headSize] },
  };
  if (kvCache === 'float32') return { key: plane('key', rows), value: plane('value', rows) };
  const transposed: Omit<PlaneLayout, 'name'> = {
    ...{ type, lanes: numHeads * headSize, unit: 1, tile: 1, axes: (rows) => [numHeads, headSize, rows] },
  };
  const tiled: Omit<PlaneLayout, 'name'> = {
    ...{ type, lanes: numHeads, unit: headSize, tile: tileRows },
    axes: (rows) => [numHeads, rows / tileRows, headSize, tileRows],
  };
  const scales: Omit<PlaneLayout, 'name'> = {
    ...{ type: 'float32', lanes: numHeads, unit: 1, tile: 1, axes: (rows) => [numHeads, 1, rows] },
  };
  return {
    key: plane('key', kvCache === 'int8' ? transposed : tiled),
    value: plane('value', rows),
    scales: {
      key: plane('key_scales', scales),
      keyOffset: plane('key_offsets', scales),
      value: plane('value_scales', scales),
    },
  };
}
