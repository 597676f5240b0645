export * from './cart.ts';
export * from './decode.ts';
export * from './identity.ts';
export * from './line.ts';
export * from './merge-policy.ts';
export * from './refused.ts';
export * from './rules.ts';
export * from './view.ts';
