/** llama.cpp's block formats, as its reference code rounds: 32 values with one scale, a half float. */

export const blockValues = 32;

/** [scale f16][32 × int8]; value = scale · q */
export function encodeQ8(values: Float32Array): Uint8Array {
  const blocks = new Blocks(values.length / blockValues, blockValues);
  for (let block = 0; block < blocks.count; block++) {
    const source = values.subarray(block * blockValues, (block + 1) * blockValues);
    const scale = Math.abs(extremeOf(source)) / 127;
    const at = blocks.begin(block, scale);
    for (let i = 0; i < blockValues; i++)
      blocks.bytes[at + i] = scale === 0 ? 0 : Math.round((source[i] as number) / scale) & 0xff;
  }
  return blocks.bytes;
}

/** [scale f16][16 bytes: value i in the low half, i + 16 in the high]; value = scale · (q − 8) */
export function encodeQ4(values: Float32Array): Uint8Array {
  const half = blockValues / 2;
  const blocks = new Blocks(values.length / blockValues, half);
  for (let block = 0; block < blocks.count; block++) {
    const source = values.subarray(block * blockValues, (block + 1) * blockValues);
    const scale = extremeOf(source) / -8;
    const at = blocks.begin(block, scale);
    const steps = (i: number): number =>
      scale === 0 ? 8 : Math.min(15, Math.floor((source[i] as number) / scale + 8.5));
    for (let i = 0; i < half; i++) blocks.bytes[at + i] = steps(i) | (steps(i + half) << 4);
  }
  return blocks.bytes;
}

class Blocks {
  readonly bytes: Uint8Array;
  private readonly view: DataView;

  constructor(
    readonly count: number,
    private readonly valueBytes: number,
  ) {
    this.bytes = new Uint8Array(count * (2 + valueBytes));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Writes the block's scale. @returns where its values begin */
  begin(block: number, scale: number): number {
    const at = block * (2 + this.valueBytes);
    this.view.setUint16(at, halfBits(scale), true);
    return at + 2;
  }
}

/** The value of largest magnitude. */
function extremeOf(values: Float32Array): number {
  let extreme = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  return extreme;
}

/** The nearest half float, of a magnitude below 65504. */
function halfBits(value: number): number {
  const sign = value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude < 2 ** -14) return sign | Math.round(magnitude * 2 ** 24); // subnormal
  const exponent = Math.floor(Math.log2(magnitude));
  // A fraction that is rounded up to 1024 makes the exponent one larger, as it should.
  return sign | (((exponent + 15) << 10) + Math.round((magnitude / 2 ** exponent - 1) * 1024));
}
