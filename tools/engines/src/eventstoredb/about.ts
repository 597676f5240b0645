import { randomUUID } from 'node:crypto';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { features, featuresGrpc, gossip, gossipGrpc, shared, streamsGrpc } from './protocol.ts';

/** What the facade calls itself wherever a server names its version. */
export const facadeName = 'EventStoreDB protocol facade, not EventStoreDB (answers as 23.10.7)';

const services = [
  streamsGrpc.StreamsService,
  gossipGrpc.GossipService,
  featuresGrpc.ServerFeaturesService,
] as const;

/** What the client asks first: it takes the batch call only when it is named here. */
export function supportedMethods(): SupportedMethods {
  const answer = new features.SupportedMethods();
  answer.setEventStoreServerVersion(facadeName);
  for (const { path } of services.flatMap((service) => Object.values(service))) {
    const [, service = '', name = ''] = path.split('/');
    const method = new features.SupportedMethod();
    method.setServiceName(service.toLowerCase());
    method.setMethodName(name.toLowerCase());
    answer.addMethods(method);
  }
  return answer;
}

type Node = { readonly host: string; readonly port: number };

/** The cluster as `self` knows it: it leads, unless another node is named. */
export function clusterOf(self: Node, leader: Node | undefined): ClusterInfo {
  const states = gossip.MemberInfo.VNodeState;
  const info = new gossip.ClusterInfo();
  info.addMembers(member(self, leader === undefined ? states.LEADER : states.FOLLOWER));
  if (leader !== undefined) info.addMembers(member(leader, states.LEADER));
  return info;
}

function member({ host, port }: Node, state: number): InstanceType<typeof gossip.MemberInfo> {
  const id = new shared.UUID();
  id.setString(randomUUID());
  const endPoint = new gossip.EndPoint();
  endPoint.setAddress(host);
  endPoint.setPort(port);
  const info = new gossip.MemberInfo();
  info.setInstanceId(id);
  info.setTimeStamp(String(Date.now()));
  info.setState(state);
  info.setIsAlive(true);
  info.setHttpEndPoint(endPoint);
  return info;
}
