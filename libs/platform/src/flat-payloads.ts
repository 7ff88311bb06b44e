import { getMetadataStorage, type ValidationArguments, ValidationTypes } from 'class-validator';

type Test = (payload: object, value: unknown) => boolean;

/** What class-validator's decorators ask of one property. */
interface Property {
  readonly name: string;
  /** The checks only count where all of these hold. */
  readonly conditions: readonly Test[];
  readonly checks: readonly Test[];
  /** It holds objects, which only class-validator itself looks into. */
  readonly nested: boolean;
}

type Plan = ReadonlyMap<string, Property>;

const plans = new WeakMap<new () => object, Plan | 'not flat'>();

/**
 * A payload of plain values, checked by the very constraints that class-validator's decorators have declared: undefined
 * where one of them fails, where a field is unknown, or where it holds objects. Then class-validator itself is to be asked;
 * it says what is wrong. Nothing but class-validator's decorators counts: no `@Transform`.
 *
 * Validation is a sixth of what a command costs, and most of that goes into finding out anew, for each payload, which
 * constraints its class has. What is found is kept here.
 */
export function readFlatPayload<Payload extends object>(
  type: new () => Payload,
  value: object,
): Payload | undefined {
  const plan = planOf(type);
  if (plan === 'not flat') return undefined;
  const payload = new type();
  for (const name of Object.keys(value)) {
    if (!plan.has(name)) return undefined;
    const member: unknown = Reflect.get(value, name);
    Reflect.set(payload, name, Array.isArray(member) ? Array.from<unknown>(member) : member);
  }
  for (const { name, conditions, checks, nested } of plan.values()) {
    const member: unknown = Reflect.get(payload, name);
    if (!conditions.every((test) => test(payload, member))) continue;
    if (nested) return undefined;
    if (!checks.every((test) => test(payload, member))) return undefined;
  }
  return payload;
}

function planOf(type: new () => object): Plan | 'not flat' {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const plan = makePlan(type);
  plans.set(type, plan);
  return plan;
}

function makePlan(type: new () => object): Plan | 'not flat' {
  const storage = getMetadataStorage();
  const metadata = storage.getTargetValidationMetadatas(type, '', false, false);
  if (metadata.length === 0) return 'not flat';
  const plan = new Map<string, { name: string; conditions: Test[]; checks: Test[]; nested: boolean }>();
  for (const { type: kind, propertyName, constraints, constraintCls, each, validateIf } of metadata) {
    const property = plan.get(propertyName) ?? {
      name: propertyName,
      conditions: [],
      checks: [],
      nested: false,
    };
    plan.set(propertyName, property);
    if (kind === ValidationTypes.CONDITIONAL_VALIDATION) {
      const condition: unknown = constraints[0];
      if (typeof condition !== 'function') return 'not flat';
      property.conditions.push((payload, value) => Reflect.apply(condition, null, [payload, value]) === true);
      continue;
    }
    if (kind === ValidationTypes.NESTED_VALIDATION) {
      property.nested = true;
      continue;
    }
    if (kind !== ValidationTypes.CUSTOM_VALIDATION || validateIf !== undefined) return 'not flat';
    for (const { instance, async } of storage.getTargetValidatorConstraints(constraintCls)) {
      if (async) return 'not flat';
      property.checks.push((object, value) => {
        const args: ValidationArguments = {
          targetName: type.name,
          property: propertyName,
          object,
          value,
          constraints,
        };
        return each && Array.isArray(value)
          ? value.every((item) => instance.validate(item, args) === true)
          : instance.validate(value, args) === true;
      });
    }
  }
  return plan;
}
