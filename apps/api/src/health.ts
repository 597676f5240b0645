import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
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

export class LivenessBody {
  @ApiProperty({ enum: ['ok'] }) readonly status!: 'ok';
}

export class ReadinessBody {
  @ApiProperty({ enum: ['ok', 'unready'] }) readonly status!: string;
  @ApiProperty({ enum: ['ok', 'failed'] }) readonly eventStore!: string;
  @ApiProperty({ enum: ['ok', 'failed'] }) readonly readStore!: string;
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
  @ApiOkResponse({ type: LivenessBody })
  live(): LivenessBody {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether the stores answer' })
  @ApiOkResponse({ type: ReadinessBody })
  @ApiResponse({ status: 503, type: ReadinessBody, description: 'One does not; the body says which' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessBody> {
    const { ready, checks } = await readiness(this.events, this.views);
    if (!ready) reply.status(503);
    // Shoppers learn which store it is; what it says is for operators.
    const stateOf = (check: unknown): string => (check === 'ok' ? 'ok' : 'failed');
    return {
      status: ready ? 'ok' : 'unready',
      eventStore: stateOf(checks['eventStore']),
      readStore: stateOf(checks['readStore']),
    };
  }
}
