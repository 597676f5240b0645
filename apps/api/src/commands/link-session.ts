import { Body, Put, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { ForeignId } from '../fields.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class LinkSessionBody {
  @ForeignId({ description: 'The session of the shop front' }) readonly sessionId!: string;
}

export class LinkSession extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    readonly sessionId: string,
  ) {
    super();
  }
}

@CommandHandler(LinkSession)
export class LinkSessionHandler implements ICommandHandler<LinkSession> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, sessionId }: LinkSession): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'LinkSession', sessionId });
  }
}

@CartController()
export class LinkSessionController {
  constructor(private readonly commands: CommandBus) {}

  @Put('session')
  @CartCommand('Ties a customer’s cart to a session, whose merges are skipped from then on')
  async put(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { sessionId }: LinkSessionBody,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new LinkSession(envelopeOf(request), sessionId)));
  }
}
