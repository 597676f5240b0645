import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import { AddItemBody } from './commands/add-item.ts';
import { ChangeQuantityBody } from './commands/change-quantity.ts';
import { CheckOutBody } from './commands/check-out.ts';
import { FreezeBody } from './commands/freeze.ts';
import { LinkSessionBody } from './commands/link-session.ts';
import { MergeGuestBody } from './commands/merge-guest.ts';
import { DevLoginBody } from './access/dev-login.controller.ts';
import { GetCartParameters } from './queries/get-cart.ts';
import { compile, CompiledValidation } from './validation.ts';

class Inner {
  @IsInt() readonly count!: number;
}
class Nested {
  @ValidateNested() readonly inner!: Inner;
}
class Tags {
  @IsString({ each: true }) readonly tags!: readonly string[];
}
class Loose {
  @IsOptional() @IsInt() readonly count?: number;
}

const bodyOf = (metatype: new () => object) => ({ type: 'body', metatype }) as const;

describe('compiled validation', () => {
  it.each([
    AddItemBody,
    ChangeQuantityBody,
    CheckOutBody,
    FreezeBody,
    LinkSessionBody,
    MergeGuestBody,
    DevLoginBody,
    GetCartParameters,
  ])('compiles %p', (bodyClass) => {
    expect(compile(bodyClass)).toBeDefined();
  });

  it('lets what is right pass as the very object that came', () => {
    const body = { sku: 'tea', quantity: 1 };
    expect(new CompiledValidation().transform(body, bodyOf(AddItemBody))).toBe(body);
  });

  it('agrees with the stock pipe on what is optional', () => {
    expect(compile(Loose)?.({})).toBe(true);
    expect(compile(Loose)?.({ count: 'x' })).toBe(false);
  });

  it('knows no fields that only the prototype has', () => {
    expect(compile(Loose)?.({ constructor: 1 })).toBe(false);
    expect(compile(Loose)?.({ toString: 1 })).toBe(false);
  });

  it.each([Nested, Tags])(
    'leaves %p, whose rules it cannot compile, to the stock pipe',
    async (bodyClass) => {
      expect(compile(bodyClass)).toBeUndefined();
      const pipe = new CompiledValidation();
      await expect(
        pipe.transform({ tags: [1], inner: { count: 'x' } }, bodyOf(bodyClass)),
      ).rejects.toMatchObject({
        status: 400,
      });
    },
  );

  it('refuses to take a body unchecked when no decorator metadata says of which class it is', () => {
    expect(() => new CompiledValidation().transform({}, bodyOf(Object))).toThrow(TypeError);
    expect(() => new CompiledValidation().transform({}, { type: 'body' })).toThrow(TypeError);
  });
});
