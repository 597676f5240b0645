import { Delete, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { envelopeOf, lineIdOf } from '../addresses.ts';
import { answerWith, type CartBody } from '../cart-body.ts';
import { Carts, type Envelope, type Outcome } from '../carts.ts';
import { CartCommand, CartController } from '../openapi.ts';

export class RemoveItem extends Command<Outcome> {
  constructor(
    readonly envelope: Envelope,
    readonly lineId: string,
  ) {
    super();
  }
}

@CommandHandler(RemoveItem)
export class RemoveItemHandler implements ICommandHandler<RemoveItem> {
  constructor(private readonly carts: Carts) {}

  execute({ envelope, lineId }: RemoveItem): Promise<Outcome> {
    return this.carts.execute(envelope, { type: 'RemoveItem', lineId });
  }
}

@CartController()
export class RemoveItemController {
  constructor(private readonly commands: CommandBus) {}

  @Delete('items/:lineId')
  @CartCommand('Removes a line; changes nothing where there is none')
  async delete(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CartBody> {
    return answerWith(
      reply,
      await this.commands.execute(new RemoveItem(envelopeOf(request), lineIdOf(request))),
    );
  }
}
