import { bareHttp, nestFastify, nestTextbook } from '../servers/opponents.ts';
import { throughput } from './throughput.ts';

export const commands = throughput({
  name: 'commands',
  title: 'the durable command path against servers that store nothing',
  about:
    'Closed loop, AddItem and ChangeQuantity (65 : 35) on the carts of all users alike. Cartage checks the token, ' +
    'decides, and answers when the events are on the disk; the opponents answer a cart of the same size. The API runs alone, ' +
    'as the command path needs nothing else.',
  plan: 'writes',
  projected: false,
  subject: 'durable command path',
  opponents: [
    { program: bareHttp, target: { atLeast: 0.5 } },
    { program: nestFastify, target: { atLeast: 0.85 } },
    { program: nestTextbook, target: { atLeast: 5 } },
  ],
});
