import { Body, Post, Req, Res } from '@nestjs/common';
import { Command, CommandBus, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import { type Dropped, kindOf, type MergePolicy, mergePolicies, Refused } from '@cartage/cart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { guestCookie } from '../access/guest-cookie.ts';
import { GuestTokens } from '../access/guest-tokens.ts';
import { customerOf } from '../access/principal.ts';
import { envelopeOf } from '../addresses.ts';
import { answerWith, CartBody, LineBody } from '../cart-body.ts';
import type { Envelope } from '../carts.ts';
import { OptionalChoice, OptionalForeignId, OptionalToken } from '../fields.ts';
import { type Merge, type MergeOutcome, mergeOutcomes, type MergeRequest, Merges } from '../merges.ts';
import { CartCommand, CartController, etagHeader } from '../openapi.ts';
import { invalidField } from '../problems.ts';

export class MergeGuestBody {
  @OptionalToken('The guest’s; where it is left out, the guest cookie counts') readonly guestToken?: string;
  @OptionalChoice(mergePolicies, { description: 'How lines of both carts are merged', default: 'max' })
  readonly policy?: MergePolicy;
  @OptionalForeignId('Merges of this session are skipped once one was made') readonly sessionId?: string;
}

export class DroppedBody {
  @ApiProperty({ type: LineBody }) readonly line!: LineBody;
  @ApiProperty({ type: 'integer' }) readonly quantity!: number;
  @ApiProperty({ enum: ['line_limit', 'quantity_limit', 'policy'] }) readonly why!: string;
}

export class MergeBody {
  @ApiProperty({ enum: mergeOutcomes }) readonly outcome!: MergeOutcome;
  @ApiProperty({ enum: mergePolicies }) readonly policy!: MergePolicy;
  @ApiProperty({ type: [DroppedBody], description: 'What limits or the policy left out' })
  readonly dropped!: readonly Dropped[];
}

export class MergedCartBody extends CartBody {
  @ApiProperty({ type: MergeBody }) readonly merge!: MergeBody;
}

export class MergeGuest extends Command<Merge> {
  constructor(
    readonly envelope: Envelope,
    readonly request: MergeRequest,
  ) {
    super();
  }
}

@CommandHandler(MergeGuest)
export class MergeGuestHandler implements ICommandHandler<MergeGuest> {
  constructor(private readonly merges: Merges) {}

  execute({ envelope, request }: MergeGuest): Promise<Merge> {
    return this.merges.merge(envelope, request);
  }
}

@CartController()
export class MergeGuestController {
  constructor(
    private readonly commands: CommandBus,
    private readonly guests: GuestTokens,
  ) {}

  @Post('merge')
  @ApiOkResponse({ type: MergedCartBody, headers: etagHeader })
  @CartCommand('Gives the cart of the guest who logs in to the customer; never fails for what the carts hold')
  async post(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() { guestToken, policy = 'max', sessionId }: MergeGuestBody,
  ): Promise<MergedCartBody> {
    if (request.principal.kind !== 'service') customerOf(request);
    const envelope = envelopeOf(request);
    if (kindOf(envelope.cartId) === 'guest')
      throw new Refused('not_for_guests', 'A guest cart is merged into a customer cart only.');
    const guest = this.#guestOf(guestToken, request);
    const from = guest && `${guest}${envelope.cartId.slice(envelope.cartId.lastIndexOf('~'))}`;
    const merge = await this.commands.execute(new MergeGuest(envelope, { from, policy, sessionId }));
    const { outcome, dropped } = merge;
    return Object.assign(answerWith(reply, merge), { merge: { outcome, policy, dropped } });
  }

  /** A cookie may be stale or absent: then there is no guest. A token in the body is meant. */
  #guestOf(token: string | undefined, { headers }: FastifyRequest): string | undefined {
    const presented = token ?? guestCookie(headers.cookie);
    const guest = presented === undefined ? undefined : this.guests.verify(presented);
    if (guest?.kind === 'guest') return guest.owner;
    if (token === undefined) return undefined;
    throw invalidField('guestToken', 'expected the token of a guest, not expired');
  }
}
