import { credentials, Metadata } from '@grpc/grpc-js';
import type { Identity } from '../engine.ts';
import { facadeName } from './about.ts';
import { featuresGrpc, shared } from './protocol.ts';

const patience = 5_000; // ms

/** Asks the first host of an `esdb://` URL what it is. @throws {Error} it does not answer */
export async function identify(url: string): Promise<Identity> {
  const [, host = '', query = ''] = /^[a-z+]+:\/\/(?:[^@/]*@)?([^,/?]+)[^?]*(?:\?(.*))?$/.exec(url) ?? [];
  const isPlain = /(?:^|&)tls=false/i.test(query);
  const version = await versionOf(host.includes(':') ? host : `${host}:2113`, isPlain);
  const isFacade = version === facadeName;
  return {
    title: isFacade ? 'EventStoreDB protocol (facade)' : `EventStoreDB ${version}`,
    real: !isFacade,
    proves: { ttl: true, indexConflicts: true, durability: true },
  };
}

function versionOf(host: string, isPlain: boolean): Promise<string> {
  const client = new featuresGrpc.ServerFeaturesClient(
    host,
    isPlain ? credentials.createInsecure() : credentials.createSsl(),
  );
  return new Promise<string>((resolve, reject) => {
    client.getSupportedMethods(
      new shared.Empty(),
      new Metadata(),
      { deadline: Date.now() + patience },
      (error, methods) => (error === null ? resolve(methods.getEventStoreServerVersion()) : reject(error)),
    );
  }).finally(() => client.close());
}
