import { Controller, Header, Inject, Post, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problems } from '../openapi.ts';
import { type Config, CONFIG } from '../tokens.ts';
import { setGuestCookie } from './guest-cookie.ts';
import { GuestTokens } from './guest-tokens.ts';

export class GuestBody {
  @ApiProperty({ type: String }) readonly guestId!: string;
  @ApiProperty({ type: String }) readonly token!: string;
  @ApiProperty({ type: String, format: 'date-time' }) readonly expiresAt!: string;
}

@ApiTags('access')
@Controller('v1/guests')
export class GuestsController {
  constructor(
    private readonly guests: GuestTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'A new guest: a token for carts without signing in, also set as a cookie' })
  @ApiCreatedResponse({ type: GuestBody })
  @Problems(400, 413, 415, 429, 503)
  make(@Res({ passthrough: true }) reply: FastifyReply): GuestBody {
    const { guestId, token, expiresAt } = this.guests.issue();
    void reply.header(
      'set-cookie',
      setGuestCookie(token, this.config.guestTokenLifetime, this.config.production),
    );
    return { guestId, token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
