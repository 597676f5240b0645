const headEnd = Buffer.from('\r\n\r\n');
const longestHead = 64 * 1024;

/** Bodies are counted and dropped. `bytes` is the body's length. */
export type OnResponse = (status: number, bytes: number) => void;

/**
 * Reads the HTTP/1.1 responses of one connection, whose requests are never HEAD, however they are cut into chunks. It knows
 * what a server here answers with: a Content-Length, or a status without a body (RFC 9112, section 6.3).
 */
export class ResponseParser {
  readonly #onResponse: OnResponse;
  #head: Buffer | undefined;
  #status = 0;
  #length = 0;
  /** Bytes of the body that are still to come; −1 while a head is read. */
  #missing = -1;

  constructor(onResponse: OnResponse) {
    this.#onResponse = onResponse;
  }

  /** The chunk may be overwritten afterwards. @throws {Error} this is no response it can read */
  push(chunk: Buffer): void {
    let from = 0;
    while (from < chunk.length) {
      from = this.#missing < 0 ? this.#readHead(chunk, from) : this.#readBody(chunk, from);
      if (this.#missing === 0) {
        this.#missing = -1;
        this.#onResponse(this.#status, this.#length);
      }
    }
  }

  #readHead(chunk: Buffer, from: number): number {
    const before = this.#head?.length ?? 0;
    const data = this.#head ? Buffer.concat([this.#head, chunk.subarray(from)]) : chunk;
    const start = this.#head ? 0 : from;
    const end = data.indexOf(headEnd, start);
    if (end < 0) {
      if (data.length - start > longestHead) throw new Error('A response whose head has no end.');
      this.#head = Buffer.from(data.subarray(start));
      return chunk.length;
    }
    this.#head = undefined;
    this.#parse(data.toString('latin1', start, end + 2));
    return before > 0 ? from + end + headEnd.length - before : end + headEnd.length;
  }

  #parse(head: string): void {
    const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
    if (status === undefined) throw new Error(`Not an HTTP/1.1 response: ${head.slice(0, 60)}`);
    this.#status = Number(status);
    const bodiless = this.#status === 204 || this.#status === 304;
    const length = bodiless ? '0' : /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`A response without Content-Length: ${head.slice(0, 60)}`);
    this.#length = this.#missing = Number(length);
  }

  #readBody(chunk: Buffer, from: number): number {
    const taken = Math.min(this.#missing, chunk.length - from);
    this.#missing -= taken;
    return from + taken;
  }
}
