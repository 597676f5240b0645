import { Delete, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class Unfreeze extends Command<Outcome> {
  constructor(readonly envelope: Envelope) {
    super();
  }
}

@CommandHandler(Unfreeze)
export class UnfreezeHandler implements ICommandHandler<Unfreeze> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope }: Unfreeze): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'Unfreeze' });
  }
}

@CartController()
export class UnfreezeController {
  constructor(private readonly commands: CommandBus) {}

  @Delete('freeze')
  @CartCommand('Ends a freeze before its time')
  async delete(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartBody> {
    return answerWith(reply, await this.commands.execute(new Unfreeze(envelopeOf(request))));
  }
}
