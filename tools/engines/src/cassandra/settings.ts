/** A third of the ring each, as there are three replicas of everything anyway. */
const tokens = [-(2n ** 63n), -3074457345618258603n, 3074457345618258602n];

/** What nodes of one cluster are told. All listen on their own address at the same ports. */
export type Settings = {
  readonly hosts: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly storagePort: number;
  readonly commitlogSync: 'batch' | 'periodic';
};

/** The `cassandra.yaml` of a node (as JSON, which YAML includes); what is not said here stays Cassandra's default. */
export function settings({ hosts, host, port, storagePort, commitlogSync }: Settings): string {
  const seeds = hosts.map((seed) => `${seed}:${storagePort}`).join(',');
  return JSON.stringify(
    {
      cluster_name: 'cartage',
      partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
      num_tokens: 1,
      endpoint_snitch: 'SimpleSnitch', // calls the data centre datacenter1
      listen_address: host,
      rpc_address: host,
      storage_port: storagePort,
      ssl_storage_port: storagePort + 1,
      native_transport_port: port,
      storage_compatibility_mode: 'NONE', // else a TTL that ends after 2038 is refused
      commitlog_sync: commitlogSync,
      ...(commitlogSync === 'periodic' && { commitlog_sync_period: '10000ms' }),
      disk_failure_policy: 'stop',
      auto_snapshot: false, // DROP and TRUNCATE leave no copies
      seed_provider: [
        { class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [{ seeds }] },
      ],
      ...(hosts.length > 1 && { auto_bootstrap: false, initial_token: String(tokens[hosts.indexOf(host)]) }),
    },
    undefined,
    2,
  );
}
