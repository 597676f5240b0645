import { type ArgumentMetadata, type PipeTransform, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage, type ValidationError } from 'class-validator';
import { invalidFields } from './problems.ts';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;
type FieldCheck = (body: Fields) => boolean;
type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type BodyClass = NonNullable<ArgumentMetadata['metatype']>;

const builtIn = new Set<unknown>([String, Number, Boolean, Array]);

/**
 * Checks bodies and queries by the rules class-validator's decorators left on their class, compiled once per class. What passes
 * goes on as it came; what does not goes through the stock pipe, which finds the words for it. So does everything of a class with
 * a rule that cannot be compiled: slower, never laxer.
 */
export class CompiledValidation implements PipeTransform {
  readonly #checks = new Map<BodyClass, Check>();
  readonly #stock = new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    exceptionFactory: (errors) => invalidFields(errors.map(fieldError)),
  });

  /**
   * @throws {Problem} 400 that names the fields
   * @throws {TypeError} a body without a class: the compiler left no decorator metadata, and nothing would be checked
   */
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const { metatype, type } = metadata;
    if (type !== 'custom' && (metatype === undefined || (metatype as unknown) === Object))
      throw new TypeError(`A route takes a ${type} without saying of which class.`);
    if (metatype === undefined || builtIn.has(metatype)) return value;
    let check = this.#checks.get(metatype);
    if (check === undefined) {
      check = compile(metatype) ?? never;
      this.#checks.set(metatype, check);
    }
    if (check(value)) return value;
    refuseDeep(value);
    return this.#stock.transform(value, metadata);
  }
}

const deepest = 32;

/** The stock pipe recurses: it has words for everything but what would exhaust the stack. */
function refuseDeep(value: unknown): void {
  const fields = Object.entries(isPlain(value) ? value : { body: value });
  const deep = fields.filter(([, inner]) => isDeeper(inner, deepest));
  if (deep.length === 0) return;
  throw invalidFields(deep.map(([field]) => ({ field, message: `nested more than ${deepest} levels deep` })));
}

const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)));

const never: Check = () => false;

/** A check that is true for what surely passes; undefined when a rule of the class is beyond it. */
export function compile(bodyClass: BodyClass): Check | undefined {
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(bodyClass, '', false, false);
  const fields = new Map<string, FieldCheck>();
  for (const [name, ofField] of Object.entries(storage.groupByPropertyName(rules))) {
    const check = compileField(name, ofField);
    if (check === undefined) return undefined;
    fields.set(name, check);
  }
  const checks = [...fields.values()];
  return (value) =>
    isPlain(value) &&
    Object.keys(value).every((key) => fields.has(key)) &&
    checks.every((check) => check(value));
}

/** Conditions come first: where one does not hold, the field need not pass. */
function compileField(name: string, rules: readonly Rule[]): FieldCheck | undefined {
  const conditions = rules.filter(({ type }) => type === 'conditionalValidation').map(compileCondition);
  const checks: FieldCheck[] = [];
  for (const rule of rules.filter(({ type }) => type !== 'conditionalValidation')) {
    const check = compileRule(name, rule);
    if (check === undefined) return undefined;
    checks.push(check);
  }
  return (body) => !conditions.every((applies) => applies(body)) || checks.every((check) => check(body));
}

function compileCondition({ constraints, propertyName }: Rule): FieldCheck {
  const applies = constraints[0] as (body: Fields, value: unknown) => boolean;
  return (body) => applies(body, body[propertyName]);
}

function compileRule(name: string, rule: Rule): FieldCheck | undefined {
  const { type, constraintCls, constraints, each } = rule;
  // Declared as always there, but absent where a decorator names no groups.
  const groups: readonly string[] | undefined = rule.groups;
  if (type !== 'customValidation' || each || rule.validateIf || groups?.length) return undefined;
  const [constraint, ...others] = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  if (constraint === undefined || constraint.async || others.length > 0) return undefined;
  const { instance } = constraint;
  const targetName = typeof rule.target === 'string' ? rule.target : rule.target.name;
  return (body) => {
    const value = body[name];
    return (
      instance.validate(value, { value, constraints, targetName, object: body, property: name }) === true
    );
  };
}

const fieldError = ({ property, constraints = {} }: ValidationError) => ({
  field: property,
  message: Object.values(constraints).join('; '),
});

const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
