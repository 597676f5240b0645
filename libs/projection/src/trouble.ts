export type TroubleStatus = {
  /** Errors since the process began. */
  readonly errors: number;
  /** What went wrong last; absent once something went well after it. */
  readonly trouble?: string;
};

/** Keeps account of what goes wrong, and tells of it once until something goes well again, however often it is repeated. */
export class Trouble {
  readonly #tell: (error: Error) => void;
  #errors = 0;
  #message: string | undefined;

  constructor(tell: (error: Error) => void) {
    this.#tell = tell;
  }

  get status(): TroubleStatus {
    return { errors: this.#errors, ...(this.#message !== undefined && { trouble: this.#message }) };
  }

  readonly note = (error: Error): void => {
    this.#errors += 1;
    if (error.message === this.#message) return;
    this.#message = error.message;
    this.#tell(error);
  };

  /** Something went well. */
  clear(): void {
    this.#message = undefined;
  }
}
