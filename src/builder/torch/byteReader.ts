/** Reads a part of a file from front to back. */
import { copyAgain, type CheckpointFile } from '../checkpointFile';

const bufferBytes = 1 << 16;

export class ByteReader {
  #buffer: Buffer = Buffer.alloc(0);
  /** Of the buffer's first byte in the file. */
  #start: number;
  #at = 0;

  constructor(
    readonly file: CheckpointFile,
    begin: number,
    /** Byte behind the last that may be read. */
    private readonly end: number,
  ) {
    this.#start = begin;
  }

  /** Of the next byte in the file. */
  get position(): number {
    return this.#start + this.#at;
  }

  byte(): number {
    this.#need(1);
    return this.#buffer[this.#at++] as number;
  }

  /** Valid until the next call. */
  bytes(length: number): Buffer {
    this.#need(length);
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  /** Up to a line feed, which is left out. */
  line(longest = 1000): string {
    let text = '';
    for (let byte = this.byte(); byte !== 10; byte = this.byte()) {
      text += String.fromCharCode(byte);
      if (text.length > longest) this.file.fail(`has a name of more than ${longest} characters; ${copyAgain}`);
    }
    return text;
  }

  skip(length: number): void {
    if (length > this.end - this.position) this.#ends();
    this.#start = this.position + length;
    this.#buffer = Buffer.alloc(0);
    this.#at = 0;
  }

  #need(length: number): void {
    if (length <= this.#buffer.length - this.#at) return;
    const start = this.position;
    if (length > this.end - start) this.#ends();
    this.#buffer = this.file.bytes(start, Math.min(this.end - start, Math.max(length, bufferBytes)));
    this.#start = start;
    this.#at = 0;
  }

  #ends(): never {
    this.file.fail(`is truncated: it ends at byte ${this.end} in the middle of a value; ${copyAgain}`);
  }
}
