import { build, type Histogram } from 'hdr-histogram-js';

/** Latencies in ms. */
export type Quantiles = {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
};

/** What a run of load came to. */
export type Tally = {
  /** Answers with a status of success, within the run's time. */
  readonly answers: number;
  readonly seconds: number;
  readonly bodyBytes: number;
  /** Answers by status, where it was none of success. */
  readonly failures: Readonly<Record<string, number>>;
  /** Requests that were due and had no answer when the run and its grace were over. */
  readonly unanswered: number;
  readonly latency: Quantiles;
  /** How late requests left, in open loop: the generator's own part of the latency. */
  readonly sentLate: Quantiles;
};

const longest = 60_000_000;

/** Durations in an HDR histogram: µs, three significant digits, up to a minute. */
export class Latencies {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    autoResize: false,
    highestTrackableValue: longest,
    numberOfSignificantValueDigits: 3,
  });

  /** In ms. */
  record(milliseconds: number): void {
    this.#histogram.recordValue(Math.min(longest, Math.max(0, Math.round(milliseconds * 1000))));
  }

  quantiles(): Quantiles {
    const at = (percentile: number) => this.#histogram.getValueAtPercentile(percentile) / 1000;
    return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: at(100) };
  }
}

/** Counts answers as they come. */
export class Counter {
  readonly latencies = new Latencies();
  readonly sentLate = new Latencies();
  readonly #failures: Record<string, number> = {};
  #answers = 0;
  #bodyBytes = 0;

  /** `latency` in ms. */
  count(status: number, bytes: number, latency: number): void {
    this.latencies.record(latency);
    if (status >= 200 && status < 300) {
      this.#answers++;
      this.#bodyBytes += bytes;
    } else this.#failures[status] = (this.#failures[status] ?? 0) + 1;
  }

  tally(seconds: number, unanswered = 0): Tally {
    return {
      answers: this.#answers,
      seconds,
      bodyBytes: this.#bodyBytes,
      failures: this.#failures,
      unanswered,
      latency: this.latencies.quantiles(),
      sentLate: this.sentLate.quantiles(),
    };
  }
}
