/** Bytes written of bytes to write, and how long the rest will take. */
import type { ConversionProgress } from '../conversion';

export type ProgressListener = (progress: ConversionProgress) => void;

/** A shorter time says nothing yet. */
const judgedMs = 1000;

export class ByteProgress {
  private writtenBytes = 0;
  private startedAt: number | null = null;
  private skippedBytes = 0;

  constructor(
    private readonly totalBytes: number,
    private readonly listener: ProgressListener = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Bytes that were there already: they tell nothing of the pace. */
  skip(bytes: number): void {
    this.skippedBytes += bytes;
    this.advance(bytes);
  }

  advance(bytes: number): void {
    this.startedAt ??= this.now();
    this.writtenBytes += bytes;
    const { writtenBytes, totalBytes } = this;
    this.listener({ writtenBytes, totalBytes, msLeft: this.msLeft() });
  }

  private msLeft(): number | null {
    const elapsed = this.now() - (this.startedAt ?? 0);
    const done = this.writtenBytes - this.skippedBytes;
    if (elapsed < judgedMs || done <= 0) return null;
    return (elapsed / done) * (this.totalBytes - this.writtenBytes);
  }
}
