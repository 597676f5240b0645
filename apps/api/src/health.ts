import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { EventStore } from '@cartage/event-store';
import type { Readiness } from '@cartage/runtime';
import type { FastifyReply } from 'fastify';
import { ServingStore } from './queries/serving-store.ts';
import { EVENT_STORE } from './tokens.ts';
import { within } from './within.ts';

/**
 * ms. An orchestrator gives up on an answer after a second or so, and would take an API out of service for a read store that hangs.
 */
const patience = { log: 2_000, readStore: 500 };

/**
 * Whether the log answers within 2 s and the read store within 0.5 s, and what one that does not says. Ready as long as the log answers: whoever took an API
 * without a read store out of service would lose its commands, which need none, and the reads the log answers instead.
 */
export async function readiness(events: EventStore, views: ServingStore): Promise<Readiness> {
  const [eventStore, readStore] = await Promise.all([
    probe(patience.log, () => events.head()),
    probe(patience.readStore, () => views.answers()),
  ]);
  const status = eventStore !== 'ok' ? 'unready' : readStore === 'ok' ? 'ok' : 'degraded';
  return { status, checks: { eventStore, readStore, serving: views.name } };
}

async function probe(ms: number, ask: () => Promise<unknown>): Promise<string> {
  try {
    const answered = ask().then(() => 'ok');
    return (await within(ms, answered)) ?? `no answer within ${ms} ms`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export class LivenessBody {
  @ApiProperty({ enum: ['ok'] }) readonly status!: 'ok';
}

export class ReadinessBody {
  @ApiProperty({ enum: ['ok', 'degraded', 'unready'] }) readonly status!: string;
  @ApiProperty({ enum: ['ok', 'failed'] }) readonly eventStore!: string;
  @ApiProperty({ enum: ['ok', 'failed'] }) readonly readStore!: string;
}

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    private readonly views: ServingStore,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'Whether the process runs' })
  @ApiOkResponse({ type: LivenessBody })
  live(): LivenessBody {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Whether the stores answer; degraded, and ready, while only the event store does',
  })
  @ApiOkResponse({ type: ReadinessBody })
  @ApiResponse({ status: 503, type: ReadinessBody, description: 'The event store does not' })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessBody> {
    const { status, checks } = await readiness(this.events, this.views);
    if (status === 'unready') reply.status(503);
    // Shoppers learn which store it is; what it says is for operators.
    const stateOf = (check: unknown): string => (check === 'ok' ? 'ok' : 'failed');
    return {
      status,
      eventStore: stateOf(checks['eventStore']),
      readStore: stateOf(checks['readStore']),
    };
  }
}
