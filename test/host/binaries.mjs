// Native libraries of any platform, read from their headers: for which processor each is, and what it needs to load.

/**
 * @typedef {object} Binary
 * @property {string} made for which platform, as VS Code names it
 * @property {string[]} needs libraries by their names, those too that are loaded when they are first used
 * @property {string[]} faults what would keep it from loading
 */

/** @type {Record<number, string>} */
const elfMachines = { 0x3e: 'linux-x64', 0xb7: 'linux-arm64' };
/** @type {Record<number, string>} */
const peMachines = { 0x8664: 'win32-x64', 0xaa64: 'win32-arm64' };
/** @type {Record<number, string>} */
const machMachines = { 0x01000007: 'darwin-x64', 0x0100000c: 'darwin-arm64' };

/** The oldest systems that the extension promises to run on (src/editor/problem.ts). */
const oldestGlibc = 28;
const oldestMacOs = 14;

/** @param {Buffer} bytes @returns {Binary} */
export function readBinary(bytes) {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return readElf(bytes);
  if (bytes.readUInt16LE(0) === 0x5a4d) return readPe(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return readMachO(bytes);
  return { made: 'unknown', needs: [], faults: ['is no library'] };
}

/** @param {Buffer} bytes @param {number} at */
const textAt = (bytes, at) => bytes.toString('latin1', at, bytes.indexOf(0, at));

/** 64 bits, little-endian. @param {Buffer} bytes @returns {Binary} */
function readElf(bytes) {
  const number = (/** @type {number} */ at) => Number(bytes.readBigUInt64LE(at));
  const [start, size, count] = [number(32), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const segments = Array.from({ length: count }, (_, i) => start + i * size).map((at) => ({
    type: bytes.readUInt32LE(at),
    ...{ offset: number(at + 8), address: number(at + 16), length: number(at + 32) },
  }));
  const offsetOf = (/** @type {number} */ address) => {
    const holder = segments.find(
      ({ type, address: from, length }) => type === 1 && address >= from && address < from + length,
    );
    return holder ? address - holder.address + holder.offset : 0;
  };
  const dynamic = segments.find(({ type }) => type === 2);
  const entries = Array.from({ length: (dynamic?.length ?? 0) / 16 }, (_, i) => (dynamic?.offset ?? 0) + i * 16).map(
    (at) => ({ tag: number(at), value: number(at + 8) }),
  );
  const valueOf = (/** @type {number} */ tag) => entries.find((entry) => entry.tag === tag)?.value ?? 0;
  const strings = offsetOf(valueOf(5));
  const needs = entries.filter(({ tag }) => tag === 1).map(({ value }) => textAt(bytes, strings + value));
  const versions = bytes.toString('latin1', strings, strings + valueOf(10)).matchAll(/\0GLIBC_2\.(\d+)/g);
  const glibc = Math.max(0, ...Array.from(versions, ([, minor]) => Number(minor)));
  const path = textAt(bytes, strings + valueOf(29));
  const faults = [];
  if (glibc > oldestGlibc) faults.push(`needs glibc 2.${glibc}`);
  if (!/^\$ORIGIN\/?$/.test(path)) faults.push(`looks for its libraries in ${path || 'the system alone'}`);
  return { made: elfMachines[bytes.readUInt16LE(18)] ?? 'unknown', needs, faults };
}

/** @param {Buffer} bytes @returns {Binary} */
function readPe(bytes) {
  const header = bytes.readUInt32LE(0x3c);
  const [numSections, optionalSize] = [bytes.readUInt16LE(header + 6), bytes.readUInt16LE(header + 20)];
  const sections = Array.from({ length: numSections }, (_, i) => header + 24 + optionalSize + i * 40);
  const offsetOf = (/** @type {number} */ address) => {
    const holder = sections.find((at) => {
      const from = bytes.readUInt32LE(at + 12);
      return address >= from && address < from + bytes.readUInt32LE(at + 16);
    });
    return holder === undefined ? 0 : address - bytes.readUInt32LE(holder + 12) + bytes.readUInt32LE(holder + 20);
  };
  /** @param {number} directory @param {number} size of an entry @param {number} nameAt */
  const names = (directory, size, nameAt) => {
    const found = [];
    const table = bytes.readUInt32LE(header + 24 + 112 + directory * 8);
    for (let at = offsetOf(table); table !== 0; at += size) {
      const name = bytes.readUInt32LE(at + nameAt);
      if (name === 0) break;
      found.push(textAt(bytes, offsetOf(name)).toLowerCase());
    }
    return found;
  };
  const needs = [...names(1, 20, 12), ...names(13, 32, 4)];
  return { made: peMachines[bytes.readUInt16LE(header + 4)] ?? 'unknown', needs, faults: [] };
}

/** @param {Buffer} bytes @returns {Binary} */
function readMachO(bytes) {
  const needs = [];
  let [isFoundBeside, isSigned, macOs] = [false, false, Infinity];
  for (let at = 32, left = bytes.readUInt32LE(16); left > 0; left--, at += bytes.readUInt32LE(at + 4)) {
    // Of a library: its name's place in the command. The first bit says that the loader must understand it.
    const [command, word] = [bytes.readUInt32LE(at) & 0x7fffffff, bytes.readUInt32LE(at + 8)];
    if (command === 0x0c || command === 0x18 || command === 0x1f) needs.push(textAt(bytes, at + word));
    if (command === 0x1c) isFoundBeside ||= textAt(bytes, at + word) === '@loader_path';
    if (command === 0x1d) isSigned = true;
    if (command === 0x32) macOs = bytes.readUInt32LE(at + 12) >> 16;
  }
  const faults = [];
  if (macOs > oldestMacOs) faults.push(`needs macOS ${macOs}`);
  if (!isFoundBeside) faults.push('does not look for libraries beside it');
  if (!isSigned) faults.push('is not signed, without which an Apple chip runs nothing');
  const own = needs.map((name) => name.replace(/^@rpath\//, ''));
  return { made: machMachines[bytes.readUInt32LE(4)] ?? 'unknown', needs: own, faults };
}

/** What each system has without further ado; of Windows since 10. */
const systems = {
  linux: /^(?:lib(?:c|m|dl|rt|pthread|stdc\+\+|gcc_s)|ld-linux-(?:x86-64|aarch64))\.so\.\d$/,
  win32:
    /^(?:api-ms-win-[a-z0-9-]+|kernel32|advapi32|user32|shell32|ole32|oleaut32|setupapi|dbghelp|d3d12|dxgi)\.dll$|^node\.exe$/,
  darwin: /^\/(?:System\/Library\/Frameworks|usr\/lib)\//,
};

/** Visual C++'s, which Windows has where some program has installed them; the extension says so where it lacks them. */
const visualC = /^(?:msvcp140(?:_1|_atomic_wait)?|vcruntime140(?:_1)?)\.dll$/;

/**
 * Each is for this platform, and finds what it needs beside it or in the system.
 *
 * @param {string} target
 * @param {{ name: string, bytes: Buffer }[]} files all libraries of a package
 * @returns {string[]} what is wrong
 */
export function faultsOf(target, files) {
  const system = systems[/** @type {keyof typeof systems} */ (target.split('-')[0])];
  const names = files.map(({ name }) => (name.split('/').at(-1) ?? '').toLowerCase());
  return files.flatMap(({ name, bytes }) => {
    const { made, needs, faults } = readBinary(bytes);
    const missing = needs.filter(
      (needed) =>
        !system.test(needed) &&
        !names.includes(needed.toLowerCase()) &&
        !(target.startsWith('win32') && visualC.test(needed)),
    );
    const short = name.split('/').at(-1);
    return [
      ...(made === target ? [] : [`${short} is for ${made}`]),
      ...faults.map((fault) => `${short} ${fault}`),
      ...missing.map((needed) => `${short} needs ${needed}, which neither the package nor the system has`),
    ];
  });
}
