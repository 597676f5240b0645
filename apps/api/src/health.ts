import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { EventStore } from '@cartage/event-store';
import type { ReadStore } from '@cartage/read-store';
import type { Readiness } from '@cartage/runtime';
import type { FastifyReply } from 'fastify';
import { EVENT_STORE, READ_STORE } from './tokens.ts';
import { within } from './within.ts';

const patience = 2_000;

/** Whether both stores answer within 2 s, and what the one that does not says. */
export async function readiness(events: EventStore, views: ReadStore): Promise<Readiness> {
  const [eventStore, readStore] = await Promise.all([
    probe(() => events.head()),
    probe(() => views.checkpoints()),
  ]);
  return { ready: eventStore === 'ok' && readStore === 'ok', checks: { eventStore, readStore } };
}

async function probe(ask: () => Promise<unknown>): Promise<string> {
  try {
    return (
      (await within(
        patience,
        ask().then(() => 'ok'),
      )) ?? `no answer within ${patience} ms`
    );
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(READ_STORE) private readonly views: ReadStore,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs' })
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the stores answer' })
  @ApiResponse({ status: 503, description: 'One does not; the body says which' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<object> {
    const { ready, checks } = await readiness(this.events, this.views);
    if (!ready) reply.status(503);
    // Shoppers learn which store it is; what it says is for operators.
    const states = Object.entries(checks).map(([store, state]) => [store, state === 'ok' ? 'ok' : 'failed']);
    return { status: ready ? 'ok' : 'unready', ...Object.fromEntries(states) };
  }
}
