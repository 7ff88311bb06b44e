import { Transform, type TransformCallback } from 'node:stream';

/** In bytes. */
const BATCH = 65_536;

/** Gathers small chunks into large ones: a PDF comes in scraps of a few bytes, and each would be a write to the network. */
export class Batches extends Transform {
  private waiting: Buffer[] = [];
  private size = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.waiting.push(chunk);
    this.size += chunk.length;
    if (this.size >= BATCH) this.handOn();
    done();
  }

  override _flush(done: TransformCallback): void {
    this.handOn();
    done();
  }

  private handOn(): void {
    if (this.size > 0) this.push(Buffer.concat(this.waiting, this.size));
    this.waiting = [];
    this.size = 0;
  }
}
