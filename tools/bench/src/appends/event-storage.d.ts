/** The part of npm `event-storage` 0.8 that is measured; the package has no types. */
declare module 'event-storage' {
  import { EventEmitter } from 'node:events';

  export default class EventStore extends EventEmitter {
    constructor(
      name: string,
      options: { readonly storageDirectory: string; readonly storageConfig?: object },
    );
    /** `expectedVersion` counts the events already in the stream. @throws {Error} it holds another number of them */
    commit(stream: string, events: readonly object[], expectedVersion: number, callback: () => void): void;
    /** Writes and, with `syncOnFlush`, syncs what is buffered: data and indexes. */
    readonly storage: { flush(): unknown };
    close(): void;
  }
}
