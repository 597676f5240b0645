import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ForeignId, OptionalChoice } from '../fields.ts';
import { Problems } from '../openapi.ts';
import { DevIssuer } from './dev-issuer.ts';
import { scopes } from './principal.ts';

export class DevLoginBody {
  @ForeignId({ example: '42' }) readonly userId!: string;
  @OptionalChoice([...scopes, scopes.join(' ')], { description: 'Makes it the token of a service' })
  readonly scope?: string;
}

export class SignedInBody {
  @ApiProperty({ type: String }) readonly token!: string;
  @ApiProperty({ type: String, format: 'date-time' }) readonly expiresAt!: string;
}

/** There only on a development machine without an issuer of its own. */
@ApiTags('access')
@Controller('dev/login')
export class DevLoginController {
  constructor(private readonly issuer: DevIssuer) {}

  @Post()
  @HttpCode(200)
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Development only: a token for any user, or for a service' })
  @ApiOkResponse({ type: SignedInBody })
  @Problems(400, 413, 415, 429, 503)
  async signIn(@Body() { userId, scope }: DevLoginBody): Promise<SignedInBody> {
    const { token, expiresAt } = await this.issuer.signIn(userId, scope);
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }
}
