import { Body, Put, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { Instant } from '../fields.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class FreezeBody {
  @Instant() readonly until!: string;
}

export class Freeze extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    /** ms since the epoch. */
    readonly until: number,
  ) {
    super();
  }
}

@CommandHandler(Freeze)
export class FreezeHandler implements ICommandHandler<Freeze> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, until }: Freeze): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'Freeze', until });
  }
}

@CartController()
export class FreezeController {
  constructor(private readonly commands: CommandBus) {}

  @Put('freeze')
  @CartCommand('Holds the lines as they are while they are paid for')
  async put(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { until }: FreezeBody,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new Freeze(envelopeOf(request), Date.parse(until))));
  }
}
