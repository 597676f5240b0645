import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { streamsGrpc } from './protocol.ts';

/**
 * Has the answers of a batch call that are ready at one time go out in one write, as those of a real server do: by itself, the
 * library writes one a turn of the event loop. A reader's events keep its pace: what waits for a slow one is to be known.
 */
export const groupedAnswers: ServerInterceptor = ({ path }, call) =>
  path === streamsGrpc.StreamsService.batchAppend.path ? new Grouped(call) : new ServerInterceptingCall(call);

class Grouped extends ServerInterceptingCall {
  override sendMessage(message: unknown, callback: () => void): void {
    super.sendMessage(message, () => undefined);
    callback();
  }
}
