/** The engines a suite can run against. */
export const engineNames = ['eventstoredb', 'cassandra', 'dynamodb', 'mongodb'] as const;
export type EngineName = (typeof engineNames)[number];

/** What an engine said about itself when it was asked. */
export type Identity = {
  /** What is said in evidence: `Cassandra 5.0.9`, `DynamoDB protocol (dynoxide 1.2.1)`, `MongoDB protocol (stand-in)`. */
  readonly title: string;
  /** Whether it is what shops run, not something that speaks its protocol. */
  readonly real: boolean;
  readonly proves: Proofs;
};

/** What a suite can prove on an engine; what it cannot is printed by the suite, never silently passed. */
export type Proofs = {
  /** The engine itself removes what has expired, within a test's patience. */
  readonly ttl: boolean;
  /** A table or index that exists with another definition is an error. */
  readonly indexConflicts: boolean;
  /** An acknowledged write survives SIGKILL. */
  readonly durability: boolean;
};

/** An engine a suite may use. */
export type Engine = Identity & {
  readonly name: EngineName;
  /**
   * As in `EVENT_STORE` and `READ_STORES`: `cassandra://127.0.0.1:19042/cartage?dc=datacenter1`,
   * `dynamodb://local/cartage?endpoint=http://127.0.0.1:8000`, `mongodb://127.0.0.1:27017/cartage`. Several hosts share the port
   * behind the last one.
   */
  readonly url: string;
};

/** The environment variable that names an engine for suites: `TEST_CASSANDRA`. */
export const variableOf = (name: EngineName): string => `TEST_${name.toUpperCase()}`;
