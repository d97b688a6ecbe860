/** Values of 16-bit floats as 32-bit ones: every half and bfloat16 is exact in float32. */

let halfValues: Float32Array | undefined;

/** All 65536 IEEE half values, made once: a look-up is several times faster than taking bits apart. */
function halfTable(): Float32Array {
  if (halfValues) return halfValues;
  halfValues = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    if (exponent === 31) halfValues[bits] = fraction === 0 ? sign * Infinity : NaN;
    else if (exponent === 0) halfValues[bits] = sign * fraction * 2 ** -24;
    else halfValues[bits] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  return halfValues;
}

/** @param from IEEE half bits; @param to of the same length. */
export function decodeHalf(from: Uint16Array, to: Float32Array): void {
  const table = halfTable();
  for (let i = 0; i < from.length; i++) to[i] = table[from[i] as number] as number;
}

/** @param from bfloat16 bits, the upper half of a float32; @param to of the same length. */
export function decodeBfloat16(from: Uint16Array, to: Float32Array): void {
  const bits = new Uint32Array(to.buffer, to.byteOffset, to.length);
  for (let i = 0; i < from.length; i++) bits[i] = ((from[i] as number) << 16) >>> 0;
}
