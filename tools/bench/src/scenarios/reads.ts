import { bareHttp, nestFastify, nestTextbook } from '../servers/opponents.ts';
import { throughput } from './throughput.ts';

export const reads = throughput({
  name: 'reads',
  title: 'reading a cart against servers that read nothing',
  about:
    'Closed loop, GET of the users’ carts by Zipf (0.99). Cartage checks the token and reads the view from ' +
    'the embedded read store, which the projector has filled; the opponents answer a cart of the same size.',
  plan: 'reads',
  projected: true,
  subject: 'reading a cart',
  opponents: [{ program: bareHttp }, { program: nestFastify }, { program: nestTextbook }],
});
